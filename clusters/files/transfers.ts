import { basename, dirname, resolve } from "node:path";
import { describedError, messageOf } from "../../agent/host/described_error.ts";
import { fileSink, fileSource } from "../../agent/host/file_streams.ts";
import { openForCopy } from "../../agent/host/open_local_file.ts";
import { setMode } from "../../agent/host/set_mode.ts";
import { readTree } from "../../agent/host/tree_reader.ts";
import { writeTree } from "../../agent/host/tree_writer.ts";
import { type NodeContext, SourceFailure } from "../calls/mod.ts";
import { copyOf, permissionsOf } from "./copied_file.ts";
import { moveContent } from "./move_content.ts";
import { checkFits, localView, nodeView } from "./tree_conflicts.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/** Sends a file or a folder of this machine to a node, modes and links kept. */
export async function upload(
  context: NodeContext,
  localPath: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { files } = context.host();
  const here = during(`upload "${resolve(localPath)}"`, signal);
  const info = await here(Deno.stat(localPath));
  const { isDirectory, size } = info;
  if (isDirectory) {
    await checkFits({ path: localPath, view: localView }, { path, view: nodeView(files, signal) });
    signal.throwIfAborted();
  }
  await moveContent({
    context,
    signal,
    about: { member: "upload", path, other: resolve(localPath) },
    label: `sending ${basename(localPath)} to ${context.name}`,
    total: isDirectory ? undefined : size,
    source: async () =>
      isDirectory
        ? (await here(readTree(localPath, { signal, onClosed: () => {} }))).stream
        : await here(localSource(localPath, signal)),
    target: () =>
      isDirectory
        ? files.writeTree(path, { signal })
        : files.write(path, { ...copyOf(info), mode: permissionsOf(info, 0o7777), signal }),
  });
}

/** What is brought, and how. */
export interface Download {
  readonly path: string;
  readonly localPath: string;
  /** Keep setuid, setgid and sticky bits. */
  readonly keepSpecialModes: boolean;
}

/** Brings a file or a folder of a node to this machine, modes and links kept. */
export async function download(
  context: NodeContext,
  { path, localPath, keepSpecialModes }: Download,
  signal: AbortSignal,
): Promise<void> {
  const { files } = context.host();
  const here = during(`download "${path}" to "${resolve(localPath)}"`, signal);
  const info = await files.call("stat", { path }, { signal });
  const { isDirectory, size } = info;
  if (isDirectory) {
    await checkFits({ path, view: nodeView(files, signal) }, { path: localPath, view: localView });
    signal.throwIfAborted();
  }
  await moveContent({
    context,
    signal,
    about: { member: "download", path, other: resolve(localPath) },
    label: `fetching ${basename(path)} from ${context.name}`,
    total: isDirectory ? undefined : size,
    source: () => isDirectory ? files.readTree(path, { signal }) : files.read(path, { signal }),
    target: async () =>
      isDirectory
        ? writeTree(resolve(localPath), { keepSpecialModes, signal, onClosed: () => {} }).stream
        : await here(localSink(localPath, info, signal)),
  });
  const mode = permissionsOf(info, keepSpecialModes ? 0o7777 : 0o777);
  if (!isDirectory && mode !== undefined) await setMode(localPath, mode);
}

/** Waits for work on this machine: what fails in it is not about the node. */
function during(what: string, signal: AbortSignal): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work;
    } catch (error) {
      signal.throwIfAborted();
      throw new SourceFailure(describedError(error, `Cannot ${what}: ${messageOf(error)}`));
    }
  };
}

async function localSource(
  path: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  return fileSource(await open(path, { read: true }, signal), { path, onClosed: () => {} }).stream;
}

async function localSink(
  path: string,
  info: Deno.FileInfo,
  signal: AbortSignal,
): Promise<WritableStream<Uint8Array>> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const file = await open(path, { write: true, create: true, truncate: true }, signal);
  return fileSink(file, { path, sparse: copyOf(info).sparse, onClosed: () => {} }).stream;
}

/** Opens a file of this machine; for a pipe, it waits until another process has opened its other end. */
async function open(
  path: string,
  options: Deno.OpenOptions,
  signal: AbortSignal,
): Promise<Deno.FsFile> {
  const opening = openForCopy(path, options);
  try {
    return await unlessAborted(opening, signal);
  } catch (error) {
    const closing = opening.then((late) => late.close(), () => {});
    // An end of a pipe that is still open would let others go on who open the other one.
    if (await openOtherEnd(path).catch(() => false)) await closing;
    throw error;
  }
}

/** Opens the other end of a pipe, so that its waiting opener goes on; does nothing to other files. */
async function openOtherEnd(path: string): Promise<boolean> {
  if (!(await Deno.stat(path)).isFifo) return false;
  const both = await Deno.open(path, { read: true, write: true });
  both.close();
  return true;
}
