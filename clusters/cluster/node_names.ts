/** The names of the nodes of one cluster: no two are the same at a time. */
export class NodeNames {
  readonly #taken = new Set<string>();
  #next = 1;

  /**
   * Takes a name for each new node: the one that is wanted, and `node1`, `node2`, … where none is.
   * Throws when one is taken, or wanted twice; then it takes none of them.
   */
  take(wanted: readonly (string | undefined)[]): string[] {
    const given = new Set<string>();
    for (const name of wanted) {
      if (name === undefined) continue;
      if (given.has(name)) {
        throw new TypeError(
          `Cannot add a node "${name}": another one of the same call has that name`,
        );
      }
      if (this.#taken.has(name)) {
        throw new TypeError(
          `Cannot add a node "${name}": the cluster has one of that name, or one that was lost and not ` +
            "destroyed",
        );
      }
      given.add(name);
    }
    const names = wanted.map((name) => name ?? this.#numbered(given));
    for (const name of names) this.#taken.add(name);
    return names;
  }

  /** Frees these names for other nodes. Numbers are not counted again: a record names each node once. */
  free(names: readonly string[]): void {
    for (const name of names) this.#taken.delete(name);
  }

  /** The next number whose name neither a node has, nor one that is added with it. */
  #numbered(given: ReadonlySet<string>): string {
    for (;;) {
      const name = `node${this.#next++}`;
      if (!this.#taken.has(name) && !given.has(name)) return name;
    }
  }
}
