import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { AgentPack } from "./agent_pack.ts";
import { compressedArchive } from "./compressed_archive.ts";
import { packArchive } from "./pack_archive.ts";
import { openPack, writeManifest } from "./pack_manifest.ts";

/** A pack that is small, and a folder for caches. */
async function makePlace(
  stack: AsyncDisposableStack,
): Promise<{ pack: AgentPack; cache: string }> {
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const folder = join(dir, "pack");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "agent"), "program".repeat(10_000), { mode: 0o755 });
  const command = ["{dir}/agent"];
  const target = "x86_64-unknown-linux-gnu";
  await writeManifest(folder, { target, sources: "s", runtime: "r", command });
  return { pack: (await openPack(folder))!, cache: join(dir, "cache") };
}

/** What an archive is when it is decompressed: all that the pack's is. */
async function contentOf(
  archive: Awaited<ReturnType<typeof compressedArchive>>,
  pack: AgentPack,
) {
  const compressed = await new Response(await archive.open()).bytes();
  strictEqual(compressed.length, archive.size);
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const content = await new Response(stream).bytes();
  deepStrictEqual(content, await new Response(packArchive(pack)).bytes());
  return content;
}

Deno.test("compressedArchive() has what the archive has, and is made once for all that ask", async () => {
  await using stack = new AsyncDisposableStack();
  const { pack, cache } = await makePlace(stack);
  let made = 0;
  const options = {
    cache,
    onProgress: ({ label }: { label: string }) => void (label.startsWith("compressing") && made++),
  };
  const archives = await Promise.all([1, 2, 3].map(() => compressedArchive(pack, options)));
  strictEqual(made, 1);
  const content = await contentOf(archives[2]!, pack);
  ok(archives[0]!.size < content.length / 10);
});

Deno.test("compressedArchive() does without a cache that cannot be written to", async () => {
  await using stack = new AsyncDisposableStack();
  const { pack } = await makePlace(stack);
  // No folder can be made there, by nobody.
  const archive = await compressedArchive(pack, { cache: "/sys/clustertest" })
    .catch((error) => error);
  ok(!(archive instanceof Error), String(archive));
  await contentOf(archive, pack);
});

Deno.test("compressedArchive() that is aborted leaves nothing, and can be asked again", async () => {
  await using stack = new AsyncDisposableStack();
  const { pack, cache } = await makePlace(stack);
  const reason = new Error("enough");
  await rejects(compressedArchive(pack, { cache, signal: AbortSignal.abort(reason) }), reason);
  const left = [...Deno.readDirSync(join(cache, "agent-archive"))].filter((each) =>
    each.isDirectory
  );
  deepStrictEqual(left, []);
  await contentOf(await compressedArchive(pack, { cache }), pack);
});
