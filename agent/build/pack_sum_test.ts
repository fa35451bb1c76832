import { notStrictEqual, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { openPack, writeManifest } from "./pack_manifest.ts";
import { packSum } from "./pack_sum.ts";

/** What a shell finds, and takes for the sum. */
async function shellSum(dir: string): Promise<string> {
  const script = "find . ! -type d | LC_ALL=C sort | xargs sha256sum | sha256sum";
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script], cwd: dir }).output();
  return new TextDecoder().decode(stdout).split(" ")[0]!;
}

Deno.test("packSum() is what a shell makes of the folder, which sees what else is there", async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  for (const path of ["lib/libc.so.6", "lib/ld.so", "agent.js", "agent.cjs", "Zero", "zero"]) {
    await Deno.mkdir(dirname(join(dir, path)), { recursive: true });
    await Deno.writeTextFile(join(dir, path), path);
  }
  const target = "x86_64-unknown-linux-gnu";
  await writeManifest(dir, { target, sources: "s", runtime: "r", command: ["{dir}/zero"] });
  const pack = (await openPack(dir))!;
  const sum = await packSum(pack);
  strictEqual(sum, await shellSum(dir));
  await Deno.symlink("ld.so", join(dir, "lib/libm.so.6"));
  notStrictEqual(await shellSum(dir), sum);
  await Deno.remove(join(dir, "lib/libm.so.6"));
  await Deno.writeTextFile(join(dir, "agent.js"), "another");
  notStrictEqual(await shellSum(dir), sum);
});
