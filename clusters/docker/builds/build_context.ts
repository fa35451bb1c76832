import { join, relative } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { RegularFile } from "../../../agent/host/regular_file.ts";
import { readTree } from "../../../agent/host/tree_reader.ts";
import { TreeWalk } from "../../../agent/host/tree_walk.ts";
import { IgnorePatterns } from "./ignore_patterns.ts";
import { isOutside, outsideError, type PlannedBuild } from "./image_build.ts";

/** Bytes that are read of a file at a time. */
const READ_SIZE = 256 * 1024;

/** The folder of a build, without what is not sent. */
export class BuildContext {
  readonly #root: string;
  readonly #filter: IgnorePatterns;

  private constructor(root: string, filter: IgnorePatterns) {
    this.#root = root;
    this.#filter = filter;
  }

  /** Throws when there is no such folder, or no Dockerfile in it. */
  static async open(build: PlannedBuild): Promise<BuildContext> {
    const { context, dockerfile } = build;
    await checkContext(build);
    const text = await readIgnored(context, [`${dockerfile}.dockerignore`, ".dockerignore"]);
    return new BuildContext(context, new IgnorePatterns(text, [dockerfile, ".dockerignore"]));
  }

  /** A tar archive of it. */
  async archive(signal: AbortSignal): Promise<Readable> {
    const options = { filter: this.#filter, signal, onClosed: () => {} };
    const { stream } = await readTree(this.#root, options);
    return Readable.fromWeb(stream as NodeReadableStream<Uint8Array>);
  }

  /** What all of it amounts to: names, modes, links and contents, and no times. */
  async digest(signal: AbortSignal): Promise<string> {
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256");
    using walk = new TreeWalk(this.#root, this.#filter);
    for (let entry = walk.next(); entry !== undefined; entry = walk.next()) {
      signal.throwIfAborted();
      const { name, path } = entry;
      const info = await (name === "" ? Deno.stat(path) : Deno.lstat(path));
      const kind = info.isDirectory ? "folder" : info.isSymlink ? "link" : "file";
      const isLeftOut = entry.isLeftOut || !(info.isDirectory || info.isSymlink || info.isFile);
      const size = info.isFile ? info.size : 0;
      if (!isLeftOut) hash.update(JSON.stringify([kind, name, (info.mode ?? 0) & 0o7777, size]));
      if (info.isDirectory) await walk.enter(entry);
      else if (info.isSymlink) hash.update(JSON.stringify(await Deno.readLink(path)));
      else if (!isLeftOut) { for await (const part of contentOf(path)) hash.update(part); }
    }
    return hash.digest("hex");
  }
}

async function checkContext({ context, dockerfile }: PlannedBuild): Promise<void> {
  const folder = await Deno.stat(context).catch(() => undefined);
  if (!folder?.isDirectory) {
    const state = folder ? "is no folder" : "does not exist";
    throw new TypeError(`Cannot build an image: its context "${context}" ${state}`);
  }
  const file = join(context, dockerfile);
  const info = await Deno.stat(file).catch(() => undefined);
  if (!info?.isFile) {
    const state = info ? "is no file" : "does not exist";
    throw new TypeError(
      `Cannot build an image: the dockerfile "${dockerfile}" of its context "${context}" ${state}`,
    );
  }
  // A link may lead out of the context, of which the engine has no more than what is sent.
  const [root, real] = await Promise.all([Deno.realPath(context), Deno.realPath(file)]);
  if (isOutside(relative(root, real))) throw outsideError(dockerfile, context);
}

/** The first of the files that there is. */
async function readIgnored(context: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const text = await Deno.readTextFile(join(context, name)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    if (text !== undefined) return text;
  }
  return "";
}

async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  using file = RegularFile.open(path);
  const buffer = new Uint8Array(READ_SIZE);
  for (let at = 0; file;) {
    const length = await file.read(buffer, at);
    if (length === 0) return;
    at += length;
    yield buffer.subarray(0, length);
  }
}
