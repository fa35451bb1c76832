import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { AgentPack } from "./agent_pack.ts";
import { copyPack } from "./copy_pack.ts";
import { writeImageArchive } from "./image_archive.ts";
import { openPack, writeManifest } from "./pack_manifest.ts";

/** A pack that is small. */
async function makePack(dir: string, target: AgentPack["target"]): Promise<AgentPack> {
  await Deno.mkdir(join(dir, "lib"), { recursive: true });
  await Deno.writeTextFile(join(dir, "lib", "libc.so"), "library");
  await Deno.writeTextFile(join(dir, "agent"), `program for ${target}`, { mode: 0o755 });
  const command = ["{dir}/agent", "--flag"];
  await writeManifest(dir, { target, sources: "s", runtime: "r", command });
  return (await openPack(dir))!;
}

async function tempDir(stack: AsyncDisposableStack): Promise<string> {
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  return dir;
}

/** Unpacks an archive by the system's own program. */
async function unpack(file: string, dir: string): Promise<void> {
  await Deno.mkdir(dir);
  const { success, stderr } = await new Deno.Command("tar", { args: ["xf", file, "-C", dir] })
    .output();
  strictEqual(success, true, new TextDecoder().decode(stderr));
}

async function readJson(path: string) {
  return JSON.parse(await Deno.readTextFile(path));
}

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

Deno.test("writeImageArchive() writes an image for each architecture, with the agent alone", async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await tempDir(stack);
  const packs = [
    await makePack(join(dir, "x86"), "x86_64-unknown-linux-gnu"),
    await makePack(join(dir, "arm"), "aarch64-unknown-linux-gnu"),
  ];
  const file = join(dir, "image.tar");
  await writeImageArchive(file, { packs, name: "registry.example.com:5000/agent:1" });
  const layout = join(dir, "layout");
  await unpack(file, layout);
  deepStrictEqual(await readJson(join(layout, "oci-layout")), { imageLayoutVersion: "1.0.0" });
  const index = await readJson(join(layout, "index.json"));
  deepStrictEqual(
    index.manifests.map((
      { platform, annotations }: Record<string, unknown>,
    ) => [platform, annotations]),
    ["amd64", "arm64"].map((architecture) => [{ architecture, os: "linux" }, {
      "org.opencontainers.image.ref.name": "1",
      "io.containerd.image.name": "registry.example.com:5000/agent:1",
    }]),
  );
  for (const [place, pack] of packs.entries()) {
    const blob = async ({ digest, size }: { digest: string; size: number }) => {
      const path = join(layout, "blobs", digest.replace(":", "/"));
      const bytes = await Deno.readFile(path);
      deepStrictEqual([sha256(bytes), bytes.length], [digest, size]);
      return { path, bytes };
    };
    const manifest = await readJson((await blob(index.manifests[place])).path);
    const config = await readJson((await blob(manifest.config)).path);
    deepStrictEqual(config.config, {
      User: "65534:65534",
      Env: Object.entries(pack.env).map((each) => each.join("=")),
      Entrypoint: ["/clustertest/agent/agent", "--flag"],
      Labels: { "clustertest.agent": pack.version },
    });
    const layer = await blob(manifest.layers[0]);
    const plain = new Response(
      new Blob([layer.bytes]).stream().pipeThrough(new DecompressionStream("gzip")),
    );
    strictEqual(sha256(await plain.bytes()), config.rootfs.diff_ids[0]);
    const root = join(dir, `root${place}`);
    await unpack(layer.path, root);
    deepStrictEqual([...Deno.readDirSync(root)].map(({ name }) => name), ["clustertest"]);
    const installed = await openPack(join(root, "clustertest/agent"));
    strictEqual(installed?.version, pack.version);
    strictEqual((await Deno.stat(join(installed.dir, "agent"))).mode! & 0o777, 0o755);
  }
});

Deno.test("writeImageArchive() leaves nothing but the file, and no file that is half", async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await tempDir(stack);
  const pack = await makePack(join(dir, "pack"), "x86_64-unknown-linux-gnu");
  await writeImageArchive(join(dir, "one.tar"), { packs: [pack], name: "a" });
  await writeImageArchive(join(dir, "two.tar"), { packs: [pack], name: "a" });
  deepStrictEqual(
    await Deno.readFile(join(dir, "one.tar")),
    await Deno.readFile(join(dir, "two.tar")),
  );
  await Deno.remove(join(pack.dir, "agent"));
  await rejects(writeImageArchive(join(dir, "one.tar"), { packs: [pack], name: "a" }));
  const native = { ...pack, target: "native" as const };
  await rejects(
    writeImageArchive(join(dir, "three.tar"), { packs: [native], name: "a" }),
    RangeError,
  );
  deepStrictEqual([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
    "one.tar",
    "pack",
    "two.tar",
  ]);
  deepStrictEqual(
    await Deno.readFile(join(dir, "one.tar")),
    await Deno.readFile(join(dir, "two.tar")),
  );
});

Deno.test("copyPack() copies a pack of the version that is wanted", async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await tempDir(stack);
  const pack = await makePack(join(dir, "pack"), "x86_64-unknown-linux-gnu");
  const to = join(dir, "copy");
  const other = "0".repeat(64);
  await rejects(copyPack({ from: pack.dir, to, version: other }), (error: Error) => {
    match(error.message, /^Cannot copy the agent: it is of version \w{12}, and not of 0{12}; make/);
    return true;
  });
  strictEqual(await openPack(to), undefined);
  await copyPack({ from: pack.dir, to, version: pack.version });
  strictEqual((await openPack(to))?.version, pack.version);
  strictEqual((await Deno.stat(join(to, "agent"))).mode! & 0o777, 0o755);
});
