import type { Node } from "../node/mod.ts";

/** Nodes between which there are links of one kind, each of them counted. */
export class LinkedPairs {
  readonly #counts = new WeakMap<Node, WeakMap<Node, number>>();

  /** Counts one more link, until the stack is disposed of. */
  add(from: Node, to: Node, stack: AsyncDisposableStack): void {
    this.#change(from, to, 1);
    stack.defer(() => this.#change(from, to, -1));
  }

  /** Whether there is one, either way. */
  has(one: Node, other: Node): boolean {
    return this.#countOf(one, other) + this.#countOf(other, one) > 0;
  }

  #change(from: Node, to: Node, by: 1 | -1): void {
    const counts = this.#counts.get(from) ?? new WeakMap<Node, number>();
    this.#counts.set(from, counts.set(to, this.#countOf(from, to) + by));
  }

  #countOf(from: Node, to: Node): number {
    return this.#counts.get(from)?.get(to) ?? 0;
  }
}
