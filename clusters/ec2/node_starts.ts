import pLimit, { type LimitFunction } from "p-limit";
import type { Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { Ec2Node } from "./ec2_node.ts";
import type { Instance } from "./instance.ts";
import type { LaunchContext, NodeGroup } from "./launch_context.ts";
import { startFailure } from "./start_failure.ts";
import { startNode } from "./start_node.ts";

/** Agents that are enrolled at a time: each takes a few handshakes, and memory for as long. */
const PARALLEL = 32;

/** What nodes of a group are started with. */
export interface StartOptions {
  readonly group: NodeGroup;
  readonly launch: Launch;
  /** Called for each node that is there. */
  readonly onLaunched: (() => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Nodes of a group that are starting, each from the moment that there is an instance for it. The first
 * that fails ends the others: it is the one that is told.
 */
export class NodeStarts {
  /** Aborts when one of them fails, or whoever wants them gives up. */
  readonly signal: AbortSignal;
  readonly #context: LaunchContext;
  readonly #options: StartOptions;
  /** Those that have no instance yet. */
  readonly #names: string[];
  readonly #starts: Promise<Ec2Node | undefined>[] = [];
  readonly #failure = new AbortController();
  readonly #connects: LimitFunction = pLimit(PARALLEL);

  constructor(context: LaunchContext, options: StartOptions) {
    this.#context = context;
    this.#options = options;
    this.#names = [...options.group.names];
    this.signal = AbortSignal.any([options.signal, this.#failure.signal]);
  }

  /**
   * Reaches the agent on an instance that was just launched. Resolves once it is known whether EC2 has
   * room for the instance: to the instance if it was ended because there was none. Then its name is
   * for another one. Does not reject.
   */
  begin({ id }: Instance): Promise<Instance | undefined> {
    const { promise, resolve } = Promise.withResolvers<Instance | undefined>();
    const name = this.#names.shift();
    // An author's hook may ask for more. What is no node ends with the cluster.
    if (name === undefined) return Promise.resolve(undefined);
    const onSettled = (refused: Instance | undefined): void => {
      if (refused !== undefined) this.#names.unshift(name);
      resolve(refused);
    };
    const start = this.#start({ id, name }, onSettled)
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
  async all(): Promise<Ec2Node[]> {
    const nodes = (await Promise.all(this.#starts)).filter((node) => node !== undefined);
    if (!this.signal.aborted) return nodes;
    await Promise.allSettled(nodes.map((node) => node.forget("its launch failed")));
    this.#options.signal.throwIfAborted();
    throw await this.#explain(this.#failure.signal.reason);
  }

  async #start(
    which: { readonly id: string; readonly name: string },
    onSettled: (refused: Instance | undefined) => void,
  ): Promise<Ec2Node | undefined> {
    const { group: { options }, launch, onLaunched } = this.#options;
    using deadline = new Deadline(this.#context.limits.startTimeout, [this.signal]);
    const connect: Launch["connect"] = (...args) => this.#connects(() => launch.connect(...args));
    try {
      const { signal } = deadline;
      const how = { options, connect, onSettled, signal };
      const node = await startNode(this.#context, { ...which, ...how });
      if (node !== undefined) onLaunched?.();
      return node;
    } catch (error) {
      throw new NotStarted(which, error);
    }
  }

  async #explain(error: unknown): Promise<unknown> {
    if (!(error instanceof NotStarted)) return error;
    const { aws, stack, starts, limits: { startTimeout } } = this.#context;
    const { which, cause } = error;
    const instance = starts.latest(which.id);
    const door = this.#options.group.options.securityGroups === undefined ? stack : undefined;
    const { doubt } = starts;
    return await startFailure(aws, { ...which, instance, doubt, cause, startTimeout, door });
  }
}

/** Which node it was that did not start. */
class NotStarted extends Error {
  constructor(readonly which: { readonly id: string; readonly name: string }, cause: unknown) {
    super("a node did not start", { cause });
  }
}
