import { join } from "node:path";
import { Deadline } from "../../../agent/deadline.ts";
import { messageOf } from "../../../agent/host/described_error.ts";
import type { HostFiles } from "../../../agent/host/host.ts";
import { unlessAborted } from "../../concurrency/mod.ts";
import type { StoredFiles } from "../../kit/mod.ts";
import type { CollectedArtifacts, Emit } from "../../events/mod.ts";
import { insidesOf, type Node } from "../../node/mod.ts";
import { copyFile } from "./copy_file.ts";
import { FileSearch, type FoundFile } from "./find_files.ts";
import { parsePattern } from "./pattern.ts";

/** Errors of a node that an event has; of more, their number. */
const MAX_ERRORS = 8;

/** Milliseconds that a node has for its artifacts. */
const TIMEOUT = 30_000;

/** Milliseconds that one has which is down: its machine may have to boot first. */
const TIMEOUT_WHILE_DOWN = 150_000;

/** What is collected, and how much of it. */
export interface Collection {
  readonly nodes: readonly Node[];
  readonly patterns: readonly string[];
  /** Bytes of all nodes together. */
  readonly size: number;
  /** Milliseconds for all of it. @default 30 s, and 150 s for a node that is down */
  readonly timeout?: number | undefined;
  /** Makes the folder for all of it, when there is something; `undefined` if there can be none. */
  readonly makeFolder: () => string | undefined;
  readonly emit: Emit;
  /** @default those that its backend can reach, also when the node is down or paused */
  readonly openFiles?: (node: Node, signal: AbortSignal) => Promise<StoredFiles>;
}

/** The work on one node. */
interface NodeCollection extends Collection {
  readonly node: Node;
  /** Bytes of this node. */
  readonly share: number;
  readonly signal: AbortSignal;
}

/**
 * Brings files of nodes into a folder, which has one for each node. It never fails: what could not be had
 * is in an event. A node that does not answer, or has too much, keeps nobody waiting for longer than the
 * time limit.
 *
 * Resolves to the patterns that no file of any node matches; to none of them if a node could not be
 * searched to the end, since nobody knows of that one.
 */
export async function collectArtifacts(collection: Collection): Promise<readonly string[]> {
  const { patterns, size } = collection;
  if (patterns.length === 0) return [];
  // Those that the test itself has given back are no loss to speak of.
  const nodes = collection.nodes.filter((node) => !insidesOf(node).isGivenBack);
  const share = Math.floor(size / nodes.length);
  const answered = await Promise.all(nodes.map(async (node) => {
    using deadline = deadlineFor(node, collection);
    const { signal } = deadline;
    return await collectFromNode({ ...collection, node, share, signal });
  }));
  if (answered.length === 0 || answered.includes(undefined)) return [];
  return patterns.filter((pattern) => !answered.some((ofNode) => ofNode!.has(pattern)));
}

function deadlineFor(node: Node, { timeout }: Collection): Deadline {
  const limit = timeout ?? (insidesOf(node).isDown ? TIMEOUT_WHILE_DOWN : TIMEOUT);
  return new Deadline(limit, [], () => new Error(`it took more than ${limit} ms`));
}

/**
 * Resolves to the patterns that match files of the node, or of which an error tells; to `undefined` if it
 * was not searched to the end.
 */
async function collectFromNode(
  collection: NodeCollection,
): Promise<ReadonlySet<string> | undefined> {
  const { node, signal, emit } = collection;
  const started = performance.now();
  const progress = new NodeProgress();
  try {
    await unlessAborted(collect(collection, progress), signal);
  } catch (error) {
    progress.fail(messageOf(error));
  }
  const ended = { ...progress.result(), elapsed: performance.now() - started };
  if (ended.files > 0 || ended.errors.length > 0) {
    emit({ type: "artifacts-collected", node: node.name, ...ended });
  }
  return progress.answered;
}

async function collect(collection: NodeCollection, progress: NodeProgress): Promise<void> {
  const { node, patterns, signal, makeFolder, share, openFiles = filesOf } = collection;
  await using opened = await openFiles(node, signal);
  const { files } = opened;
  const search = new FileSearch(files, { rootDir: node.rootDir, signal });
  for (const pattern of patterns) await search.add(parsePattern(pattern));
  for (const error of search.errors) progress.fail(error);
  progress.answered = search.answered;
  if (search.found.size === 0) return;
  const folder = makeFolder();
  if (folder === undefined) return progress.fail("the run is not recorded");
  progress.folder = join(folder, node.name);
  await copyAll(files, [...search.found.values()], {
    folder: progress.folder,
    share,
    signal,
    progress,
  });
}

function filesOf(node: Node, signal: AbortSignal): Promise<StoredFiles> {
  return insidesOf(node).openFiles(signal);
}

async function copyAll(
  files: HostFiles,
  found: readonly FoundFile[],
  { folder, share, signal, progress }: {
    readonly folder: string;
    readonly share: number;
    readonly signal: AbortSignal;
    readonly progress: NodeProgress;
  },
): Promise<void> {
  // The smallest come first, so that what they leave of their parts is for the larger ones.
  const bySize = found.toSorted((one, other) => one.size - other.size);
  for (const [index, file] of bySize.entries()) {
    const limit = Math.ceil((share - progress.bytes) / (bySize.length - index));
    if (limit <= 0) {
      return progress.fail(`${file.path} and others exceed the ${share} bytes that are left`);
    }
    try {
      const { bytes, missing } = await copyFile(files, file, { folder, limit, signal });
      progress.add(bytes);
      if (missing > 0) progress.fail(tooLarge(file.path, missing));
    } catch (error) {
      signal.throwIfAborted();
      progress.fail(`${file.path}: ${messageOf(error).split("\n")[0]}`);
    }
  }
}

function tooLarge(path: string, missing: number): string {
  return `${path} is too large: its beginning and its end were taken, without ${missing} bytes`;
}

/** How far it is with a node; nothing is added once the result was taken. */
class NodeProgress {
  folder = "";
  files = 0;
  bytes = 0;
  /** Patterns that match files, or of which an error tells; not known before it was searched to the end. */
  answered: ReadonlySet<string> | undefined;
  readonly #errors: string[] = [];

  add(bytes: number): void {
    this.files++;
    this.bytes += bytes;
  }

  fail(error: string): void {
    this.#errors.push(error);
  }

  result(): Omit<CollectedArtifacts, "elapsed"> {
    const { folder, files, bytes } = this;
    const more = this.#errors.length - MAX_ERRORS;
    const errors = [...this.#errors.slice(0, MAX_ERRORS), ...more > 0 ? [`${more} more`] : []];
    return { folder, files, bytes, errors };
  }
}
