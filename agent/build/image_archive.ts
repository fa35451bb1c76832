import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { padded, TAR_BLOCK, tarHeader } from "../host/tar_header.ts";
import type { AgentPack } from "./agent_pack.ts";
import { packArchive } from "./pack_archive.ts";

/** Where an image has the agent. */
export const IMAGE_DIR = "/clustertest/agent";

/** The number of the user that the image names, `nobody`: some clusters admit no image that runs as root. */
const NOBODY = "65534:65534";

/** What the engines of containers call the architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "amd64",
  "aarch64-unknown-linux-gnu": "arm64",
};

const MEDIA_TYPE = "application/vnd.oci.image";

/** A part of an image, by its hash. */
interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly content: Uint8Array<ArrayBuffer> | { readonly file: string };
}

/** What is known of an image for one architecture. */
interface PlatformImage {
  readonly architecture: string;
  readonly blobs: readonly [config: Blob, layer: Blob, manifest: Blob];
}

/**
 * Writes an image with the agent, for one architecture or several, to a file: in the layout of OCI, and
 * with what `docker load` of older engines wants besides. Nothing but the agent is in it. The same packs
 * give the same image.
 */
export async function writeImageArchive(
  file: string,
  { packs, name }: { readonly packs: readonly AgentPack[]; readonly name: string },
): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: dirname(file), prefix: ".clustertest-image-" });
  try {
    const images = await Promise.all(packs.map((pack) => platformImage(pack, folder)));
    const half = join(folder, "image");
    using archive = await Deno.open(half, { write: true, createNew: true });
    for await (const chunk of archiveChunks(images, name)) await writeAll(archive, chunk);
    await Deno.rename(half, file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function platformImage(pack: AgentPack, folder: string): Promise<PlatformImage> {
  const architecture = ARCHITECTURES[pack.target];
  if (architecture === undefined) {
    throw new RangeError(
      `Cannot make an image of an agent for "${pack.target}": it is for Linux only`,
    );
  }
  const { layer, diffId } = await layerOf(pack, join(folder, `${architecture}.tar.gz`));
  const config = jsonBlob({
    architecture,
    os: "linux",
    config: {
      User: NOBODY,
      Env: Object.entries(pack.env).map(([variable, value]) => `${variable}=${value}`),
      Entrypoint: pack.command(IMAGE_DIR),
      Labels: { "clustertest.agent": pack.version },
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: `${MEDIA_TYPE}.manifest.v1+json`,
    config: described(config, "config.v1+json"),
    layers: [described(layer, "layer.v1.tar+gzip")],
  });
  return { architecture, blobs: [config, layer, manifest] };
}

/** Compresses the layer into a file, since its size and its hash come before it. */
async function layerOf(
  pack: AgentPack,
  file: string,
): Promise<{ readonly layer: Blob; readonly diffId: string }> {
  const [plain, compressed] = [createHash("sha256"), createHash("sha256")];
  const hashed = packArchive(pack, { folder: IMAGE_DIR.slice(1) }).pipeThrough(observer(plain));
  let size = 0;
  const counted = hashed.pipeThrough(new CompressionStream("gzip")).pipeThrough(
    observer(compressed, (bytes) => size += bytes),
  );
  using opened = await Deno.open(file, { write: true, createNew: true });
  for await (const chunk of counted) await writeAll(opened, chunk);
  const digest = `sha256:${compressed.digest("hex")}`;
  return {
    layer: { digest, size, content: { file } },
    diffId: `sha256:${plain.digest("hex")}`,
  };
}

function observer(
  hash: ReturnType<typeof createHash>,
  count: (bytes: number) => void = () => {},
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform: (chunk, controller) => {
      hash.update(chunk);
      count(chunk.length);
      controller.enqueue(chunk);
    },
  });
}

async function* archiveChunks(
  images: readonly PlatformImage[],
  name: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield* entry("oci-layout", json({ imageLayoutVersion: "1.0.0" }));
  yield* entry("index.json", json(index(images, name)));
  for (const blob of images.flatMap(({ blobs }) => blobs)) {
    const path = blobPath(blob);
    if (blob.content instanceof Uint8Array) yield* entry(path, blob.content);
    else {
      yield header(path, blob.size);
      using file = await Deno.open(blob.content.file);
      yield* file.readable;
      yield new Uint8Array(padded(blob.size) - blob.size);
    }
  }
  yield* entry("manifest.json", json(dockerManifest(images, name)));
  yield new Uint8Array(2 * TAR_BLOCK);
}

function index(images: readonly PlatformImage[], name: string): unknown {
  return {
    schemaVersion: 2,
    mediaType: `${MEDIA_TYPE}.index.v1+json`,
    manifests: images.map(({ architecture, blobs: [, , manifest] }) => ({
      ...described(manifest, "manifest.v1+json"),
      platform: { architecture, os: "linux" },
      annotations: {
        "org.opencontainers.image.ref.name": tagOf(name),
        "io.containerd.image.name": name,
      },
    })),
  };
}

/** Engines that do not know of architectures get the image of this machine's, or else the first one. */
function dockerManifest(images: readonly PlatformImage[], name: string): unknown {
  const own = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  const { blobs: [config, layer] } = images.find(({ architecture }) => architecture === own) ??
    images[0]!;
  return [{ Config: blobPath(config), RepoTags: [name], Layers: [blobPath(layer)] }];
}

function tagOf(name: string): string {
  return /:([^:/]+)$/.exec(name)?.[1] ?? "latest";
}

function described({ digest, size }: Blob, type: string): Record<string, unknown> {
  return { mediaType: `${MEDIA_TYPE}.${type}`, digest, size };
}

function jsonBlob(value: unknown): Blob {
  const content = json(value);
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  return { digest, size: content.length, content };
}

function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function blobPath({ digest }: Blob): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function* entry(
  name: string,
  content: Uint8Array<ArrayBuffer>,
): Generator<Uint8Array<ArrayBuffer>> {
  yield header(name, content.length);
  yield content;
  yield new Uint8Array(padded(content.length) - content.length);
}

function header(name: string, size: number): Uint8Array<ArrayBuffer> {
  return tarHeader({ name, type: "file", mode: 0o644, size, mtime: new Date(0) });
}

async function writeAll(file: Deno.FsFile, data: Uint8Array): Promise<void> {
  for (let rest = data; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}
