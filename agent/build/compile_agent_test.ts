import assert from "node:assert/strict";
import { join } from "node:path";
import { evaluate, moduleLiteral } from "./_evaluate.ts";
import { standInAgent } from "./_stand_in.ts";
import type { LinuxTarget } from "./agent_pack.ts";
import { bundleAgent } from "./bundle_agent.ts";
import { compileAgent } from "./compile_agent.ts";
import { obtainRuntime } from "./deno_runtime.ts";

/** Own when this is Linux: then nothing has to be fetched. */
const target: LinuxTarget = Deno.build.arch === "aarch64"
  ? "aarch64-unknown-linux-gnu"
  : "x86_64-unknown-linux-gnu";

Deno.test("compileAgent() embeds the bundle where the program looks for it", async () => {
  await using agent = await standInAgent();
  const bundle = join(agent.dir, "agent.js");
  await bundleAgent(agent.sources, bundle);
  // A whole Deno serves as the base here: it is laid out as the base runtime is.
  const base = join(agent.dir, "base");
  await obtainRuntime(base, { target });
  await compileAgent(bundle, join(agent.dir, "one"), { target, base });
  const payload = payloadOf(await Deno.readFile(join(agent.dir, "one")));
  assert.ok(payload.includes(await Deno.readTextFile(bundle)));
  const metadata = /\{"argv":.*?"entrypoint_key":"[^"]*"/s.exec(payload)?.[0] ?? "";
  assert.match(metadata, /"entrypoint_key":"agent\.js"/);
  assert.match(metadata, /"code_cache_key":null/);
  assert.match(metadata, /"allow_run":\[\]/);

  const elsewhere = join(agent.dir, "elsewhere");
  await Deno.mkdir(elsewhere);
  await Deno.copyFile(bundle, join(elsewhere, "agent.js"));
  await compileAgent(join(elsewhere, "agent.js"), join(elsewhere, "one"), { target, base });
  assert.equal(payloadOf(await Deno.readFile(join(elsewhere, "one"))), payload);
});

Deno.test("compileAgent() throws BaseRuntimeMissing when no base can be had", async () => {
  const { stderr } = await compileStandIn({ DENORT_BIN: "" });
  assert.match(stderr, /BaseRuntimeMissing: Cannot get Deno's base runtime for x86_64.*: .*denort/);
});

Deno.test("compileAgent() does not look elsewhere when the base that was named is not there", async () => {
  const { stderr } = await compileStandIn({ DENORT_BIN: "/does/not/exist" });
  assert.match(stderr, /ToolError: Cannot run "deno compile": .*/);
});

/** Without a network, and with nothing in Deno's cache. */
async function compileStandIn(env: Record<string, string>): ReturnType<typeof evaluate> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-compile-" });
  try {
    await Deno.writeTextFile(join(dir, "agent.js"), "console.log(1)");
    const code = `import { compileAgent } from ${moduleLiteral("./compile_agent.ts")};
      const target = "x86_64-unknown-linux-gnu";
      await compileAgent(${JSON.stringify(join(dir, "agent.js"))}, "${dir}/out", { target });`;
    const nowhere = "http://127.0.0.1:9";
    const offline = { DENO_DIR: join(dir, "deno"), HTTPS_PROXY: nowhere, https_proxy: nowhere };
    return await evaluate(code, { env: { ...offline, ...env } });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What the last note among the program headers holds, as text. */
function payloadOf(program: Uint8Array<ArrayBuffer>): string {
  const view = new DataView(program.buffer);
  const table = Number(view.getBigUint64(32, true));
  const count = view.getUint16(56, true);
  const notes = Array.from({ length: count }, (_, index) => table + index * 56)
    .filter((at) => view.getUint32(at, true) === 4);
  const at = notes.at(-1) ?? assert.fail("There is no note");
  const [offset = 0, size = 0] = [8, 32].map((field) =>
    Number(view.getBigUint64(at + field, true))
  );
  return new TextDecoder("latin1").decode(program.subarray(offset, offset + size));
}
