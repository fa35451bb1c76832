import type { HostsEntry } from "../kit/mod.ts";
import { insidesOf, type Node } from "../node/mod.ts";

/** The names that links have put into the hosts files of nodes. */
export class LinkedNames {
  /** One for each link. */
  readonly #entries = new WeakMap<Node, Set<HostsEntry>>();

  /** Throws unless the node has a hosts file of its own. */
  static check(from: Node, to: Node): void {
    if (insidesOf(from).provided.hostsFile) return;
    throw new TypeError(
      `Cannot put the name of "${to.name}" into the hosts file of "${from.name}": nodes on ` +
        `${from.backend} have none that links may change. Use the link's hostname there`,
    );
  }

  /** Adds a name, until the result is disposed. */
  async add(from: Node, { name, address }: HostsEntry): Promise<AsyncDisposable> {
    const entries = this.#entries.get(from) ?? new Set();
    this.#entries.set(from, entries);
    const entry = { name, address };
    const remove = async () => {
      entries.delete(entry);
      // What is gone or down has nobody who would be misled.
      if (!isAway(from)) await write(from, entries);
    };
    entries.add(entry);
    try {
      await write(from, entries);
    } catch (error) {
      entries.delete(entry);
      throw error;
    }
    return { [Symbol.asyncDispose]: remove };
  }
}

function isAway(node: Node): boolean {
  return node.signal.aborted || insidesOf(node).isDown;
}

async function write(node: Node, entries: Iterable<HostsEntry>): Promise<void> {
  const { host, provided } = insidesOf(node);
  const file = provided.hostsFile!;
  try {
    await file.set("links", [...entries], { host });
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new Deno.errors.PermissionDenied(
      `Cannot change ${file.path} of node "${node.name}" (${node.backend}): its agent may not write it. ` +
        `Have it be root, as by docker({ user: "root" }), or use the link's hostname`,
      { cause: error },
    );
  }
}
