import type { FleetAgent } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { aborted, throwFailures, unlessAborted } from "../concurrency/mod.ts";
import type { Abilities, LossReason, ProvidedNode } from "./backend.ts";
import { CurrentHost } from "./current_host.ts";

/**
 * What the agent of a node runs in: a process, a container, a machine. It is all that a backend says
 * of a node; the rest is {@linkcode AgentNode}.
 */
export interface NodeResource {
  /** The backend's own name for it. */
  readonly id: string;
  /** Where other nodes of its network reach it. */
  readonly address: string;
  /**
   * Resolves to why it has ended, once it has, or is about to. Called anew after a restart. Rejects, or
   * never settles, when `signal` aborts.
   */
  ended(signal: AbortSignal): Promise<LossReason>;
  /**
   * Why the agent cannot be reached any more, if more is known by now than its connection says. Without
   * it, `ended` is waited for within a moment.
   */
  explain?(reason: LossReason, signal: AbortSignal): Promise<LossReason>;
  /** Removes it at once, with all that runs in it. Called again if it fails. */
  remove(): Promise<void>;
  /** Closes the route to it on this side: after `remove`, and when something else has removed it. */
  close?(): Promise<void>;
  /** Ends it as a power cut would; resolves once nothing in it acts any more. */
  kill?(): Promise<void>;
  /** Stops the clock of everything in it. */
  pause?(): Promise<void>;
  /** Lets it go on. */
  resume?(): Promise<void>;
  /**
   * Ends all that runs in it, and brings it up again with its files. `connection` is that of the agent
   * so far; resolves to the one from now on. Gives up when `signal` aborts: the node is to end.
   */
  restart?(connection: FleetAgent, signal: AbortSignal): Promise<FleetAgent>;
}

/** Milliseconds that a resource whose agent is gone has to turn out to have ended. */
const EXPLANATION_DEADLINE = 3_000;

/** A node with an agent, whatever that runs in: how it is watched, lost, restarted and given back. */
export class AgentNode<R extends NodeResource = NodeResource> implements ProvidedNode {
  /** What does the work; the same one after a restart. */
  readonly host: CurrentHost;
  /** Where other nodes of its network reach it. */
  readonly address: string;
  /** Resolves, once, to the reason for which the node is gone. */
  readonly lost: Promise<LossReason>;
  /** Those for which its resource has the methods. */
  readonly abilities: Abilities;
  /** What its agent runs in. */
  readonly resource: R;
  readonly #lose: (reason: LossReason) => void;
  readonly #destruction = new UntilDone(() => this.#destroy());
  #connection: FleetAgent;
  #watching = new AbortController();
  #watched: Promise<void> = Promise.resolve();
  #restarting: Promise<void> | undefined;
  /** Aborts a restart that has begun and not ended. */
  #restartEnd = new AbortController();
  #isLost = false;

  /** Watches the resource from now on. `connection` is that of the agent in it. */
  constructor(connection: FleetAgent, resource: R) {
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#connection = connection;
    this.resource = resource;
    this.host = new CurrentHost(connection.host);
    this.address = resource.address;
    this.abilities = this.#abilitiesOf(resource);
    this.#watch();
  }

  /** The backend's own name for its resource. */
  get id(): string {
    return this.resource.id;
  }

  /** Whether it was lost, or given back. */
  get isOver(): boolean {
    return this.#isLost || this.#destruction.hasBegun;
  }

  /** Removes the resource, and gives up its agent. Idempotent; tried again if it failed. */
  destroy(): Promise<void> {
    return this.#destruction.run();
  }

  /** Gives up the agent of a resource that another part of the backend removes. */
  async forget(reason: string): Promise<void> {
    await this.#stopWatching();
    await this.#disconnect(reason);
  }

  #abilitiesOf(resource: R): Abilities {
    return {
      ...resource.kill && { kill: { kill: () => this.#kill() } },
      ...resource.pause && {
        pause: {
          pause: async () => await resource.pause?.(),
          resume: async () => await resource.resume?.(),
        },
      },
      ...resource.restart && { restart: { restart: () => this.#restart() } },
    };
  }

  /** Removes the resource, and then everything on this side. All of it is tried. */
  async #destroy(): Promise<void> {
    await this.#endRestart();
    await this.#stopWatching();
    throwFailures([
      ...await Promise.allSettled([this.resource.remove()]),
      ...await Promise.allSettled([this.#disconnect("its node was given back")]),
    ]);
  }

  async #disconnect(reason: string): Promise<void> {
    this.#connection.abandon(reason);
    throwFailures([
      ...await Promise.allSettled([this.#connection[Symbol.asyncDispose]()]),
      ...await Promise.allSettled([this.resource.close?.()]),
    ]);
  }

  async #kill(): Promise<void> {
    await this.#endRestart();
    await this.#stopWatching();
    try {
      await this.resource.kill!();
    } catch (error) {
      // It goes on, and so does the watch over it.
      this.#watch();
      throw error;
    }
    this.#end({ summary: "it was killed, as the test asked for" });
  }

  /** A second call meanwhile waits for the first. */
  async #restart(): Promise<void> {
    try {
      await (this.#restarting ??= this.#restartOnce());
    } finally {
      this.#restarting = undefined;
    }
  }

  async #restartOnce(): Promise<void> {
    const { signal } = this.#restartEnd = new AbortController();
    await this.#stopWatching();
    try {
      this.#connection = await this.resource.restart!(this.#connection, signal);
    } catch (error) {
      const { message } = error as Error;
      this.#end({ summary: `it did not come up again: ${message}`, cause: error });
      throw error;
    }
    this.host.replace(this.#connection.host);
    this.#watch();
  }

  async #endRestart(): Promise<void> {
    this.#restartEnd.abort(new Deno.errors.Interrupted("Cannot restart the node: it is to end"));
    await this.#restarting?.catch(() => {});
  }

  #watch(): void {
    const { signal } = this.#watching = new AbortController();
    this.#watched = this.#notice(signal);
  }

  async #stopWatching(): Promise<void> {
    this.#watching.abort();
    await this.#watched;
  }

  /** Watches the resource and the agent's connection: the first of them that ends gives the reason. */
  async #notice(signal: AbortSignal): Promise<void> {
    const ended = this.resource.ended(signal).catch(() => aborted(signal));
    const lost = this.#connection.lost.then((reason) => this.#explained(reason, ended, signal));
    const reason = await Promise.race([ended, lost, aborted(signal)]);
    if (reason !== undefined && !signal.aborted) this.#end(reason);
  }

  /** How a resource has ended says more than that its agent cannot be reached; it comes soon if at all. */
  async #explained(
    reason: LossReason,
    ended: Promise<LossReason | undefined>,
    signal: AbortSignal,
  ): Promise<LossReason> {
    // An agent that cannot be reached is of no use, even if it goes on.
    this.#connection.abandon(reason.summary);
    using soon = new Deadline(EXPLANATION_DEADLINE, [signal]);
    const explanation = this.resource.explain?.(reason, soon.signal) ?? ended;
    return await unlessAborted(explanation, soon.signal).catch(() => undefined) ?? reason;
  }

  #end(reason: LossReason): void {
    this.#isLost = true;
    this.#watching.abort();
    this.#lose(reason);
    this.#connection.abandon(reason.summary);
  }
}
