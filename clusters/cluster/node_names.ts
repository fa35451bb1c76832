/** The names of the nodes of one cluster: no two are the same at a time. */
export class NodeNames {
  readonly #taken = new Set<string>();
  #next = 1;

  /**
   * Takes names for `count` new nodes: `name` itself for one, `name-1`, `name-2`, … for several, and
   * `node1`, `node2`, … when there is none. Throws when one is taken; then it takes none of them.
   */
  take(count: number, name?: string): string[] {
    const names = name === undefined ? this.#numbered(count) : named(count, name);
    for (const name of names) {
      if (this.#taken.has(name)) {
        throw new TypeError(
          `Cannot add a node "${name}": the cluster has one of that name, or one that was lost and not ` +
            "destroyed",
        );
      }
    }
    for (const name of names) this.#taken.add(name);
    return names;
  }

  /** Frees these names for other nodes. Numbers are not counted again: a record names each node once. */
  free(names: readonly string[]): void {
    for (const name of names) this.#taken.delete(name);
  }

  #numbered(count: number): string[] {
    const names: string[] = [];
    while (names.length < count) {
      const name = `node${this.#next++}`;
      if (!this.#taken.has(name)) names.push(name);
    }
    return names;
  }
}

function named(count: number, name: string): string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}-${i + 1}`);
}
