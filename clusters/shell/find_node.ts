import { type OfferedNode, ShellFrames } from "../../agent/shell/shell_frames.ts";
import type { ShellReply, ShellRequest } from "../../agent/shell/shell_frames.ts";
import { findShellSockets } from "./shell_sockets.ts";

/** A node on which a shell can be opened, and where. */
export interface ShellNode extends OfferedNode {
  readonly run: string;
  /** The path of the socket at which its shells are served. */
  readonly path: string;
}

/** A node that cannot be found, or a shell that cannot be had. */
export class ShellError extends Error {
  override name = "ShellError";
}

/** The nodes of this user's runs that are alive, in the order of their clusters and names. */
export async function listShellNodes(): Promise<ShellNode[]> {
  const found = await Promise.all(
    findShellSockets().map(async ({ path, run }) => {
      const nodes = await nodesAt(path);
      return nodes.map((node) => ({ ...node, run, path }));
    }),
  );
  const keyOf = ({ run, cluster, node }: ShellNode) => `${run}/${cluster}/${node}`;
  return found.flat().sort((a, b) => keyOf(a).localeCompare(keyOf(b), "en", { numeric: true }));
}

/**
 * The node that is meant: by its name, or `<cluster>/<name>` with the name, the id or the folder of its
 * cluster. Throws a {@linkcode ShellError} with a list of what there is when that is not one: of several it
 * never chooses.
 */
export function chooseShellNode(nodes: readonly ShellNode[], asked: string): ShellNode {
  const slash = asked.lastIndexOf("/");
  const [cluster, name] = [asked.slice(0, Math.max(slash, 0)), asked.slice(slash + 1)];
  const found = nodes.filter((each) =>
    each.node === name && (slash < 0 || namesOf(each.cluster).includes(cluster))
  );
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new ShellError(
      `Cannot choose a node "${asked}": there are several; name one of:${listOf(found)}`,
    );
  }
  const list = nodes.length === 0 ? "no run is alive" : `there are:${listOf(nodes)}`;
  throw new ShellError(`Cannot find a node "${asked}": ${list}`);
}

/** As in a command line: the folder of its cluster, and its name. */
export function nodePath({ cluster, node }: ShellNode): string {
  return `${cluster}/${node}`;
}

/** The folder of a cluster, its name, and its id. */
function namesOf(cluster: string): string[] {
  return [cluster, ...cluster.split(/-(?=[0-9a-f]+$)/)];
}

function listOf(nodes: readonly ShellNode[]): string {
  return nodes.map((node) => `\n  ${nodePath(node)}`).join("");
}

/** The nodes that are served at a socket; none where no process listens any more. */
async function nodesAt(path: string): Promise<readonly OfferedNode[]> {
  try {
    using frames = new ShellFrames<ShellReply, ShellRequest>(
      await Deno.connect({ transport: "unix", path }),
    );
    await frames.send({ type: "list" });
    for await (const frame of frames) {
      if ("message" in frame && frame.message.type === "nodes") return frame.message.nodes;
    }
    return [];
  } catch (error) {
    if (GONE.some((kind) => error instanceof kind)) return [];
    throw error;
  }
}

/** What a connection fails with when its other end has just ended. */
const GONE = [
  ...[Deno.errors.ConnectionRefused, Deno.errors.NotFound],
  ...[Deno.errors.ConnectionReset, Deno.errors.BrokenPipe],
];
