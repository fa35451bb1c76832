import { type NodeFailure, NodesFailedError } from "../errors.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import type { NodeCallOptions } from "../calls/mod.ts";
import { Node } from "../node/mod.ts";

/** What is passed to the work on one of several nodes, besides the node. */
export interface EachContext {
  /** The position of the node among them, from 0 on. */
  readonly index: number;
  /**
   * Aborts when the work on another node has failed, or the signal of the call has aborted. Pass it on,
   * so that the work ends then.
   */
  readonly signal: AbortSignal;
}

/** Work on one of several nodes. */
export type EachWork<T> = (node: Node, context: EachContext) => T | PromiseLike<T>;

/** The result of each node's work: a tuple for a tuple of nodes. */
export type ResultForEach<N extends readonly Node[], T> = { -readonly [K in keyof N]: T };

/** Throws unless these are nodes, and work for them. */
export function checkEach(work: unknown, nodes: readonly unknown[]): void {
  if (typeof work !== "function") {
    throw new TypeError(
      `Cannot do the same on each node: what is to be done must be a function, not ${
        Deno.inspect(work)
      }`,
    );
  }
  checkNodes(nodes);
}

/** Throws unless this is a list of nodes. */
export function checkNodes(nodes: unknown): void {
  if (Array.isArray(nodes) && Array.from(nodes).every((node) => node instanceof Node)) return;
  const given = nodes instanceof Node ? `node "${nodes.name}"` : Deno.inspect(nodes, { depth: 0 });
  throw new TypeError(`Cannot use ${given}: it is no list of nodes`);
}

/**
 * Does work on all nodes at once, and waits for all of it, whatever fails; rejects with a
 * `NodesFailedError` if something did, and with the reason of `signal`, at once, if that aborts.
 */
export async function eachNode<T>(
  nodes: readonly Node[],
  work: EachWork<T>,
  { signal: givenUp }: NodeCallOptions,
): Promise<T[]> {
  givenUp?.throwIfAborted();
  const failure = new FirstFailure();
  const signal = givenUp ? AbortSignal.any([givenUp, failure.signal]) : failure.signal;
  const all = Promise.allSettled(nodes.map(async (node, index) => {
    try {
      return await work(node, { index, signal });
    } catch (error) {
      throw failure.note({ node: node.name, error });
    }
  }));
  const results = await (givenUp ? unlessAborted(all, givenUp) : all);
  failure.throwIfAny(nodes.length);
  return results.map((result) => (result as PromiseFulfilledResult<T>).value);
}

/** Collects failures; the first one aborts the work on the other nodes. */
class FirstFailure {
  readonly #controller = new AbortController();
  readonly #failures: NodeFailure[] = [];
  readonly #givenUp: string[] = [];

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Returns the error. Work that fails with the first failure of another node was given up because of it. */
  note(failure: NodeFailure): unknown {
    const { signal } = this;
    if (signal.aborted && failure.error === signal.reason) this.#givenUp.push(failure.node);
    else this.#failures.push(failure);
    this.#controller.abort(failure.error);
    return failure.error;
  }

  throwIfAny(nodes: number): void {
    const [failures, givenUp] = [this.#failures, this.#givenUp];
    if (failures.length > 0) throw new NodesFailedError({ failures, givenUp, nodes });
  }
}
