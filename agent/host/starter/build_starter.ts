/**
 * `deno task starter`: compiles the starter, and writes its bytes into `starter_bytes.ts`.
 *
 * @module
 */
import {
  compileStarter,
  EXACT_TOOLS,
  type StarterArch,
  starterArchs,
  toolsOf,
} from "./compile_starter.ts";

/** Characters of a line of the module. */
const LINE = 92;

const HEADER = `/**
 * The starter (\`starter.c\`), compiled for each processor, in Base64. Made by \`deno task starter\`.
 */
export const starterBytes: Readonly<Record<typeof Deno.build.arch, string>> = {
`;

if (import.meta.main) {
  const bytes = await Promise.all(starterArchs.map(compiled));
  const entries = starterArchs.map((arch, i) => entry(arch, bytes[i]!));
  const output = new URL("starter_bytes.ts", import.meta.url);
  await Deno.writeTextFile(output, `${HEADER}${entries.join("")}};\n`);
}

async function compiled(arch: StarterArch): Promise<Uint8Array<ArrayBuffer>> {
  const tools = (await toolsOf(arch)).join(", ");
  const exact = EXACT_TOOLS[arch].join(", ");
  if (tools !== exact) {
    throw new Error(`Cannot compile the starter: it takes ${exact}, not ${tools}`);
  }
  const output = await Deno.makeTempFile();
  try {
    await compileStarter(arch, output);
    return await Deno.readFile(output);
  } finally {
    await Deno.remove(output);
  }
}

function entry(arch: StarterArch, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(new RegExp(`.{1,${LINE}}`, "g"))!;
  return `  ${arch}: [\n${lines.map((line) => `    "${line}",\n`).join("")}  ].join(""),\n`;
}
