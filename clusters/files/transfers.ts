import { basename, dirname, resolve } from "node:path";
import { describedError, messageOf } from "../../agent/host/described_error.ts";
import { fileSink, fileSource } from "../../agent/host/file_streams.ts";
import { pump } from "../../agent/host/pump.ts";
import { openForCopy } from "../../agent/host/open_local_file.ts";
import { setMode } from "../../agent/host/set_mode.ts";
import { readTree } from "../../agent/host/tree_reader.ts";
import { writeTree } from "../../agent/host/tree_writer.ts";
import { OngoingWork, type TransferEvent } from "../events/mod.ts";
import { type NodeContext, SourceFailure } from "../calls/mod.ts";
import { checkFits, localView, nodeView } from "./tree_conflicts.ts";
import { emittedTransfer } from "./transfer_events.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/** Bytes above which a transfer is worth showing; below, it is over too soon. */
const WORTH_SHOWING = 8 * 1024 * 1024;

/** Bytes between two events of progress. */
const PROGRESS_STEP = 4 * 1024 * 1024;

/** Bytes of which a file's `blocks` are. */
const DISK_BLOCK = 512;

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
  await move({
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
        : files.write(path, { ...copyOf(info), mode: permissions(info, 0o7777), signal }),
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
  await move({
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
  const mode = permissions(info, keepSpecialModes ? 0o7777 : 0o777);
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

function permissions({ mode }: Deno.FileInfo, mask: number): number | undefined {
  return mode === null ? undefined : mode & mask;
}

/** How the copy of a file is written. */
function copyOf({ blocks, size }: Deno.FileInfo): { copy: true; sparse: boolean } {
  return { copy: true, sparse: blocks !== null && blocks * DISK_BLOCK < size };
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
    opening.then((late) => late.close(), () => {});
    await openOtherEnd(path).catch(() => {});
    throw error;
  }
}

/** Opens the other end of a pipe, so that its waiting opener goes on; does nothing to other files. */
async function openOtherEnd(path: string): Promise<void> {
  if (!(await Deno.stat(path)).isFifo) return;
  const both = await Deno.open(path, { read: true, write: true });
  both.close();
}

/** What is to be moved, and what is said of it. */
interface Transfer {
  readonly context: NodeContext;
  readonly about: Omit<TransferEvent, "bytes">;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Bytes of a file; `undefined` for a tree. */
  readonly total?: number | undefined;
  readonly source: () => Promise<ReadableStream<Uint8Array>>;
  readonly target: () => Promise<WritableStream<Uint8Array>>;
}

async function move(transfer: Transfer): Promise<void> {
  const { context, about, signal } = transfer;
  const source = await transfer.source();
  const target = await transfer.target().catch(async (error) => {
    await source.cancel(error).catch(() => {});
    throw error;
  });
  const progress = new TransferProgress(transfer);
  try {
    // What unpacks a tree keeps chunks for a while; other targets are done with one they have written.
    const release = transfer.total !== undefined;
    await emittedTransfer(context, about, async (count) => {
      const onChunk = (size: number) => {
        progress.count(size);
        count(size);
      };
      // The write that goes on now may never end, so it is not awaited.
      await unlessAborted(pump(source, target, { signal, release, onChunk }), signal);
    });
    progress.end();
  } catch (error) {
    progress.end(error);
    throw error;
  }
}

/** Counts the bytes of a transfer, and reports those of one that is large. */
class TransferProgress {
  readonly #work: OngoingWork;
  #done = 0;
  #reported = 0;

  constructor({ context: { emit, nextId }, label, total }: Transfer) {
    const detail = { work: `transfer${nextId()}`, kind: "transfer", label, total } as const;
    this.#work = new OngoingWork(emit, { ...detail, unit: "bytes" });
  }

  end(error?: unknown): void {
    this.#work.end(error);
  }

  /** So many bytes more are on their way. */
  count(size: number): void {
    this.#done += size;
    if (this.#done < WORTH_SHOWING || this.#done - this.#reported < PROGRESS_STEP) return;
    this.#reported = this.#done;
    this.#work.progress({ done: this.#done });
  }
}
