import { dirname } from "node:path/posix";
import { describedError, messageOf } from "../../agent/host/described_error.ts";
import type { HostFiles } from "../../agent/host/host.ts";
import { isOfHost, type NodeContext, SourceFailure } from "../calls/mod.ts";
import { copyOf, permissionsOf } from "./copied_file.ts";
import { moveContent } from "./move_content.ts";
import { type NodePath, nodePathText } from "./node_path.ts";
import { checkFits, nodeView } from "./tree_conflicts.ts";

/** How a file or a folder is copied. */
export interface CopyBetweenOptions {
  /** Keep setuid, setgid and sticky bits. */
  readonly keepSpecialModes: boolean;
  readonly signal: AbortSignal;
}

/**
 * Copies a file or a folder of one node to another, through this machine's memory and not its disk.
 * Failures of the first node are `SourceFailure`s.
 */
export async function copyBetween(
  from: NodePath,
  to: NodePath,
  options: CopyBetweenOptions,
): Promise<void> {
  const about = (error: unknown) =>
    isOfHost(error)
      ? describedError(
        error,
        `Cannot copy "${nodePathText(from)}" to "${nodePathText(to)}": ${messageOf(error)}`,
      )
      : error;
  try {
    await copy(from, to, options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw error instanceof SourceFailure ? new SourceFailure(about(error.reason)) : about(error);
  }
}

async function copy(from: NodePath, to: NodePath, options: CopyBetweenOptions): Promise<void> {
  const { keepSpecialModes, signal } = options;
  const [source, target] = [from.context.host().files, to.context.host().files];
  const info = await ofSource(source.call("stat", { path: from.path }, { signal }));
  const { isDirectory, size } = info;
  if (from.context === to.context) await checkApart(source, { from, to, info, signal });
  if (isDirectory) {
    const [view, targetView] = [nodeView(source, signal), nodeView(target, signal)];
    await checkFits({ path: from.path, view }, { path: to.path, view: targetView });
    signal.throwIfAborted();
  }
  const mode = permissionsOf(info, keepSpecialModes ? 0o7777 : 0o777);
  await moveContent({
    context: toldToBoth(from, to),
    signal,
    about: { member: "copyTo", path: from.path, other: nodePathText(to) },
    label: `copying ${nodePathText(from)} to ${to.context.name}`,
    total: isDirectory ? undefined : size,
    isSourceElsewhere: true,
    source: () =>
      ofSource(
        isDirectory ? source.readTree(from.path, { signal }) : source.read(from.path, { signal }),
      ),
    target: () =>
      isDirectory
        ? target.writeTree(to.path, { keepSpecialModes, signal })
        : target.write(to.path, { ...copyOf(info), mode, signal }),
  });
}

async function ofSource<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new SourceFailure(error);
  }
}

/** The context of the first node, whose events also go to the cluster of the second, if it is another. */
function toldToBoth(from: NodePath, to: NodePath): NodeContext {
  const { context } = from;
  if (context.emit === to.context.emit) return context;
  return {
    ...context,
    emit: (event) => {
      context.emit(event);
      if (event.type !== "content-moved") return;
      const { name: node, emit } = to.context;
      emit({ ...event, node, path: to.path, other: nodePathText(from) });
    },
  };
}

/** Two paths on one node. */
interface SameNode {
  readonly from: NodePath;
  readonly to: NodePath;
  readonly info: Deno.FileInfo;
  readonly signal: AbortSignal;
}

/** Rejects when something would be copied onto itself, which empties it, or into itself. */
async function checkApart(files: HostFiles, { from, to, info, signal }: SameNode): Promise<void> {
  const there = await files.call("stat", { path: to.path }, { signal }).catch(() => undefined);
  const isSame = there !== undefined && there.dev === info.dev && there.ino === info.ino &&
    info.ino !== null;
  if (isSame) throw new Deno.errors.InvalidData("both are the same file or folder");
  if (!info.isDirectory) return;
  const path = await files.call("realPath", { path: from.path }, { signal });
  const target = await realFolder(files, to.path, signal);
  if (`${target}/`.startsWith(`${path === "/" ? "" : path}/`)) {
    throw new Deno.errors.InvalidData("a folder cannot be copied into itself");
  }
}

/** The real path of `path`, or of the nearest folder above it that exists. */
async function realFolder(files: HostFiles, path: string, signal: AbortSignal): Promise<string> {
  for (let above = path;; above = dirname(above)) {
    try {
      return await files.call("realPath", { path: above }, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (dirname(above) === above) throw error;
    }
  }
}
