import assert from "node:assert/strict";
import { join } from "node:path";
import { obtainAgent } from "./build/obtain_agent.ts";

/** Loads an agent's bundle, and prints which modules of the runtime it asks for. */
const LOADER = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const asked = new Set();
const load = (name) => {
  if (!asked.has(name)) console.log("asked for " + name);
  asked.add(name);
  return require(name);
};
const text = Deno.readTextFileSync(Deno.env.get("BUNDLE"));
new Function("require", "module", "exports", text)(load, { exports: {} }, {});
`;

/** What only TLS, HTTP and certificates need. */
const HEAVY = ["crypto", "http", "https", "net", "stream", "tls", "zlib"].map((each) =>
  `node:${each}`
);

Deno.test("an agent that calls loads no TLS, no HTTP and no certificates", async () => {
  const asked = await modulesOf(["--connect", "/nowhere"]);
  assert.deepEqual(asked.filter((each) => HEAVY.includes(each)), []);
  assert.ok(asked.includes("node:path"), "the bundle was not loaded in the way that is watched");
});

Deno.test("an agent that listens loads them", async () => {
  const asked = await modulesOf(["--listen", "203.0.113.1:1"]);
  assert.deepEqual(["node:https", "node:tls"].filter((each) => !asked.includes(each)), []);
});

/** The modules of the runtime for which an agent asks until it gives up. */
async function modulesOf(args: readonly string[]): Promise<string[]> {
  const { dir } = await obtainAgent("native");
  const root = await Deno.makeTempDir();
  try {
    const loader = join(root, "loader.js");
    await Deno.writeTextFile(loader, LOADER);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", loader, "--root", join(root, "node"), ...args],
      env: { BUNDLE: join(dir, "agent.cjs") },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    const launch = { caCertificate: "none", token: "0123456789abcdef" };
    await writer.write(new TextEncoder().encode(JSON.stringify(launch)));
    await writer.close();
    const { stdout, stderr } = await child.output();
    const text = new TextDecoder();
    assert.match(text.decode(stderr), /Cannot (reach the runner|read the launch document)/);
    return [...text.decode(stdout).matchAll(/^asked for (.+)$/gm)].map(([, name]) => name!);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
