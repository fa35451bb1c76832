import { insidesOf, type Node } from "../node/mod.ts";

/** What lines of ours end with. */
const MARK = "# clustertest link";

/** The names that links have put into the hosts files of nodes. What changes one does so in its turn. */
export class HostsFiles {
  readonly #turns = new WeakMap<Node, Promise<unknown>>();
  /** How many links have put a line there. */
  readonly #lines = new WeakMap<Node, Map<string, number>>();

  /** Throws unless the node has a hosts file of its own. */
  static check(from: Node, to: Node): void {
    if (insidesOf(from).provided.hostsFile !== undefined) return;
    throw new TypeError(
      `Cannot put the name of "${to.name}" into the hosts file of "${from.name}": nodes on ` +
        `${from.backend} have none that links may change. Use the link's hostname there`,
    );
  }

  /** Adds a name, until the result is disposed. */
  async add(
    from: Node,
    { name, address }: { name: string; address: string },
  ): Promise<AsyncDisposable> {
    const line = `${address} ${name} ${MARK}`;
    await this.#change(from, line, 1);
    return { [Symbol.asyncDispose]: () => this.#change(from, line, -1) };
  }

  #change(node: Node, line: string, by: 1 | -1): Promise<void> {
    const before = this.#turns.get(node) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(() => this.#changeNow(node, line, by));
    this.#turns.set(node, turn);
    turn.catch(() => {});
    return turn;
  }

  async #changeNow(node: Node, line: string, by: 1 | -1): Promise<void> {
    const lines = this.#lines.get(node) ?? new Map<string, number>();
    this.#lines.set(node, lines);
    const count = (lines.get(line) ?? 0) + by;
    if (count === 1 && by === 1) await write(node, (all) => [...all, line]);
    // What is gone or down has nobody who would be misled.
    else if (count === 0 && !isAway(node)) {
      await write(node, (all) => all.filter((one) => one !== line));
    }
    lines.set(line, count);
  }
}

function isAway(node: Node): boolean {
  return node.signal.aborted || insidesOf(node).isDown;
}

/** In place: an engine mounts the file, so that no other can be put there. */
async function write(node: Node, change: (lines: string[]) => string[]): Promise<void> {
  const path = insidesOf(node).provided.hostsFile!;
  try {
    const lines = (await node.readTextFile(path)).split("\n").filter((line) => line !== "");
    await node.writeTextFile(path, `${change(lines).join("\n")}\n`);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new Deno.errors.PermissionDenied(
      `Cannot change ${path} of node "${node.name}" (${node.backend}): its agent may not write it. Have ` +
        `it be root, as by docker({ user: "root" }), or use the link's hostname`,
      { cause: error },
    );
  }
}
