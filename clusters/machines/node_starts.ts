import pLimit, { type LimitFunction } from "p-limit";
import type { Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { SeenMachine } from "./machine_poll.ts";

/** Agents that are enrolled at a time: each takes a few handshakes, and memory for as long. */
const PARALLEL = 32;

/** A machine that was just launched, and the node that it is to become. */
export interface NodeStart<M extends SeenMachine> {
  /** The machine's. */
  readonly id: string;
  /** The node's name. */
  readonly name: string;
  /** Reaches the agent on it. */
  readonly connect: Launch["connect"];
  /** To be called once with what the provider made of the launch: the machine, if it has no room. */
  readonly onSettled: (refused: M | undefined) => void;
  readonly signal: AbortSignal;
}

/** A node that did not start, and why. */
export interface FailedStart extends Pick<NodeStart<SeenMachine>, "id" | "name"> {
  readonly cause: unknown;
}

/** How similar nodes are started. */
export interface NodeStartsOptions<M extends SeenMachine, N> {
  /** Of the nodes. */
  readonly names: readonly string[];
  readonly launch: Launch;
  /** Milliseconds that each has from the launch of its machine on. */
  readonly startTimeout: number;
  /** Makes a node of a machine; resolves to nothing when the provider has no room for it after all. */
  readonly start: (start: NodeStart<M>) => Promise<N | undefined>;
  /** Lets go of a node whose launch fails as a whole. */
  readonly forget: (node: N) => Promise<void>;
  /** The error for a node that did not start, with all that is known of its machine. */
  readonly explain: (failed: FailedStart) => Promise<unknown>;
  /** Called for each node that is there. */
  readonly onLaunched: (() => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Nodes that are starting, each from the moment that there is a machine for it. The first that fails
 * ends the others: its error is the one that the author gets.
 */
export class NodeStarts<M extends SeenMachine, N> {
  /** Aborts when one of them fails, or the launch is given up. */
  readonly signal: AbortSignal;
  readonly #options: NodeStartsOptions<M, N>;
  /** The names of nodes that have no machine yet. */
  readonly #names: string[];
  readonly #starts: Promise<N | undefined>[] = [];
  readonly #failure = new AbortController();
  readonly #connects: LimitFunction = pLimit(PARALLEL);

  constructor(options: NodeStartsOptions<M, N>) {
    this.#options = options;
    this.#names = [...options.names];
    this.signal = AbortSignal.any([options.signal, this.#failure.signal]);
  }

  /**
   * Reaches the agent on a machine that was just launched. Resolves once it is known whether the
   * provider has room for the machine: to the machine if it was ended because there was none. Then its
   * name is for another one. Does not reject.
   */
  begin({ id }: M): Promise<M | undefined> {
    const { promise, resolve } = Promise.withResolvers<M | undefined>();
    const name = this.#names.shift();
    // An author's hook may ask for more. What is no node ends with the cluster.
    if (name === undefined) return Promise.resolve(undefined);
    const onSettled = (refused: M | undefined): void => {
      if (refused !== undefined) this.#names.unshift(name);
      resolve(refused);
    };
    const start = this.#start({ id, name, onSettled })
      .catch((error) => {
        this.#failure.abort(error);
        return undefined;
      })
      .finally(() => resolve(undefined));
    this.#starts.push(start);
    return promise;
  }

  /** Ends all of them, for this reason. */
  fail(reason: unknown): void {
    this.#failure.abort(reason);
  }

  /** Resolves to the nodes once all are there. If one is not, nothing is kept, and that is thrown. */
  async all(): Promise<N[]> {
    const nodes = (await Promise.all(this.#starts)).filter((node) => node !== undefined);
    if (!this.signal.aborted) return nodes;
    await Promise.allSettled(nodes.map((node) => this.#options.forget(node)));
    this.#options.signal.throwIfAborted();
    const { reason } = this.#failure.signal;
    throw reason instanceof StartError ? await this.#options.explain(reason.failed) : reason;
  }

  async #start(which: Pick<NodeStart<M>, "id" | "name" | "onSettled">): Promise<N | undefined> {
    const { launch, onLaunched, startTimeout, start } = this.#options;
    using deadline = new Deadline(startTimeout, [this.signal]);
    const connect: Launch["connect"] = (...args) => this.#connects(() => launch.connect(...args));
    try {
      const node = await start({ ...which, connect, signal: deadline.signal });
      if (node !== undefined) onLaunched?.();
      return node;
    } catch (cause) {
      const { id, name } = which;
      throw new StartError({ id, name, cause });
    }
  }
}

/** Says which node did not start. */
class StartError extends Error {
  constructor(readonly failed: FailedStart) {
    super("a node did not start", { cause: failed.cause });
  }
}
