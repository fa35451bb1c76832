import { ok, strictEqual } from "node:assert/strict";
import { requirement } from "../../../clusters/requirement.ts";
import {
  compileStarter,
  EXACT_TOOLS,
  type StarterArch,
  starterArchs,
  toolsOf,
} from "./compile_starter.ts";
import { starterBytes } from "./starter_bytes.ts";

for (const arch of starterArchs) {
  const tools = await requirement(`a compiler for ${arch}`, () => toolsOf(arch));

  Deno.test({
    name: `the starter for ${arch} is what its source compiles to`,
    ignore: tools === undefined,
    fn: async () => {
      const compiled = await compile(arch);
      if (`${tools}` === `${EXACT_TOOLS[arch]}`) {
        strictEqual(compiled.toBase64(), starterBytes[arch], "run: deno task starter");
      } else {
        // Another compiler makes other bytes.
        ok(compiled.length > 1000);
        say(`The starter's bytes for ${arch} were not compared: ${tools} did not make them\n`);
      }
    },
  });

  Deno.test(`the starter for ${arch} is a small program for it that needs no other`, () => {
    const bytes = Uint8Array.fromBase64(starterBytes[arch]);
    const view = new DataView(bytes.buffer);
    const [machine, type] = [view.getUint16(18, true), view.getUint16(16, true)];
    strictEqual(new TextDecoder().decode(bytes.subarray(1, 4)), "ELF");
    strictEqual(machine, { x86_64: 62, aarch64: 183 }[arch]);
    strictEqual(type, 2); // It is loaded where it says, by nothing but the kernel.
    const [headers, count] = [Number(view.getBigUint64(32, true)), view.getUint16(56, true)];
    const types = Array.from({ length: count }, (_, i) => view.getUint32(headers + 56 * i, true));
    ok(!types.includes(2) && !types.includes(3), "it has an interpreter, or is linked dynamically");
    ok(bytes.length < 8 * 1024);
  });
}

async function compile(arch: StarterArch): Promise<Uint8Array<ArrayBuffer>> {
  const output = await Deno.makeTempFile();
  try {
    await compileStarter(arch, output);
    return await Deno.readFile(output);
  } finally {
    await Deno.remove(output);
  }
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}
