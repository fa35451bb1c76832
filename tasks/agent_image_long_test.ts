/**
 * The agent as an image, in a real engine.
 *
 * @module
 */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { IMAGE_DIR, writeImageArchive } from "../agent/build/image_archive.ts";
import { obtainAgent } from "../agent/build/obtain_agent.ts";
import { openPack } from "../agent/build/pack_manifest.ts";
import { HELP } from "../agent/command_line.ts";
import { requirement } from "../clusters/requirement.ts";

const engine = await requirement("docker", async () => {
  await docker("version");
  return true;
});

/** Runs the command line of the engine; rejects with what it says if it fails. */
async function docker(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("docker", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "an engine loads the image of an agent, which starts, and copies itself as nobody",
  ignore: !engine,
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(dir, { recursive: true }));
    const target = Deno.build.arch === "aarch64"
      ? "aarch64-unknown-linux-gnu"
      : "x86_64-unknown-linux-gnu";
    const pack = await obtainAgent(target);
    const name = `clustertest-agent:${crypto.randomUUID().slice(0, 8)}`;
    await writeImageArchive(join(dir, "agent.tar"), { packs: [pack], name });
    match(await docker("load", "--input", join(dir, "agent.tar")), new RegExp(`: ${name}`));
    stack.defer(async () => void await docker("image", "rm", name));
    const run = (...args: string[]) =>
      docker("run", "--rm", "--read-only", "--volume", `${dir}/out:/out`, name, ...args);
    await Deno.mkdir(join(dir, "out"));
    await Deno.chmod(join(dir, "out"), 0o777);
    strictEqual(await run("--help"), HELP);
    const copy = ["--copy-from", IMAGE_DIR, "--copy-to", "/out/agent"];
    await run(...copy, "--copy-version", pack.version);
    const copied = await openPack(join(dir, "out/agent"));
    deepStrictEqual([copied?.version, copied?.files], [pack.version, pack.files]);
    const refused = run(...copy, "--copy-version", "0".repeat(64)).catch(String);
    match(await refused, /Cannot copy the agent: it is of version .* make the image anew/);
  },
});
