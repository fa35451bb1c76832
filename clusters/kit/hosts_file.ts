import type { Host } from "../../agent/host/host.ts";

/** A name, and where it leads. */
export interface HostsEntry {
  /** That of a node. */
  readonly name: string;
  /** An IP address. */
  readonly address: string;
}

/** Who puts names into the file: the node's backend, or links between nodes, whose names come first. */
export type HostsAuthor = "backend" | "links";

/** How names are put into the file. */
export interface HostsChange {
  /** Who changes the file. */
  readonly host: Host;
  /** Gives up: the file then has these names with the next change. @default never */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The file of a node with the names of other nodes. Those who put names there do so one after the other,
 * and lines of nobody among them stay as they are.
 */
export class HostsFile {
  /** Its path on the node. */
  readonly path: string;
  readonly #entries: Record<HostsAuthor, readonly HostsEntry[]> = { backend: [], links: [] };
  /** Lines of ours that may be in it. */
  #written: readonly string[] = [];
  #turn: Promise<void> = Promise.resolve();

  /** The file at a path of the node; it is there already. */
  constructor(path: string) {
    this.path = path;
  }

  /** Has it tell these names of that author, and no others. What fails is put right by the next change. */
  set(author: HostsAuthor, entries: readonly HostsEntry[], change: HostsChange): Promise<void> {
    this.#entries[author] = entries;
    const turn = this.#turn.then(() => this.#write(change));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** In place: others mount the file, so that no other one can be put there. */
  async #write({ host: { files }, signal }: HostsChange): Promise<void> {
    const ours = this.#lines();
    const known = new Set([...this.#written, ...ours]);
    const found = await new Response(await files.read(this.path, { signal })).text();
    const others = found.split("\n").filter((line) => line !== "" && !known.has(line));
    const content = [...others, ...ours].map((line) => `${line}\n`).join("");
    if (content === found) return;
    this.#written = [...known];
    const file = (await files.write(this.path, { signal })).getWriter();
    await file.write(new TextEncoder().encode(content));
    await file.close();
    this.#written = ours;
  }

  #lines(): string[] {
    const { backend, links } = this.#entries;
    const linked = new Set(links.map(({ name }) => name));
    const lines = [
      ...backend.filter(({ name }) => !linked.has(name)).map(({ address, name }) =>
        `${address}\t${name}`
      ),
      ...links.map(({ address, name }) => `${address} ${name} # clustertest link`),
    ];
    return [...new Set(lines)];
  }
}
