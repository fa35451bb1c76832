import type { FleetAgent } from "../../agent/client/fleet.ts";
import type { CallOptions, Host } from "../../agent/host/host.ts";
import { Deadline } from "../../agent/deadline.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { aborted, throwFailures, unlessAborted } from "../concurrency/mod.ts";
import type { Abilities, MissingAbilities, Partition } from "./abilities.ts";
import type { LossReason, ShellThread } from "./backend.ts";
import { CurrentHost } from "./current_host.ts";
import type { HostsFile } from "./hosts_file.ts";
import { kernelQuestion } from "./kernel_needs.ts";
import { NetworkSidecar } from "./network_sidecar.ts";
import type { NodeResource } from "./node_resource.ts";
import type { NodeNetwork, ProvidedNode, StoredFiles } from "./provided_node.ts";
import { Sidecars } from "./sidecars.ts";

/** Milliseconds that a resource whose agent is gone has to turn out to have ended. */
const EXPLANATION_DEADLINE = 3_000;

/** A node with an agent, whatever that runs in: how it is watched, lost, killed, started and given back. */
export class AgentNode<R extends NodeResource = NodeResource> implements ProvidedNode {
  /** What does the work; the same one after a start. */
  readonly host: CurrentHost;
  /** Where other nodes of its network reach it. */
  readonly address: string;
  /** Resolves, once, to the reason for which the node is gone. */
  readonly lost: Promise<LossReason>;
  /** Those for which its resource has the methods. */
  readonly abilities: Abilities;
  /** What its agent runs in. */
  readonly resource: R;
  /** Launches an agent beside it, if its resource has the method. */
  readonly launchSidecar: ProvidedNode["launchSidecar"];
  /** Opens its files while its host does not answer, if its resource can. */
  readonly openStoredFiles: ProvidedNode["openStoredFiles"];
  readonly #sidecars = new Sidecars();
  /** Aborts when it is lost or given back. */
  readonly #over = new AbortController();
  readonly #lose: (reason: LossReason) => void;
  readonly #destruction = new UntilDone(() => this.#destroy());
  #agent: FleetAgent;
  #watching = new AbortController();
  #watched: Promise<void> = Promise.resolve();
  #starting: Promise<void> | undefined;
  /** Aborts a start that has begun and not ended. */
  #startEnd = new AbortController();
  /** The latest kill; does not reject. */
  #killing: Promise<unknown> = Promise.resolve();
  /** Whether the agent is one to be watched: a kill may have ended it. */
  #goesOn = true;
  #isLost = false;

  /** Watches the resource from now on. `agent` is the one in it. */
  constructor(agent: FleetAgent, resource: R) {
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#agent = agent;
    this.resource = resource;
    this.host = new CurrentHost(agent.host);
    this.address = resource.address;
    const { launchSidecar } = resource;
    this.openStoredFiles = resource.openStoredFiles &&
      ((signal) => this.#openStoredFiles(signal));
    this.launchSidecar = launchSidecar &&
      ((signal) => this.#sidecars.launch(launchSidecar, signal));
    this.abilities = this.#abilitiesOf(resource);
    this.#watch();
  }

  /** The backend's own name for its resource. */
  get id(): string {
    return this.resource.id;
  }

  /** As its resource says. */
  get networks(): readonly NodeNetwork[] | undefined {
    return this.resource.networks;
  }

  /** As its resource says. */
  get publicAddress(): string | undefined {
    return this.resource.publicAddress;
  }

  /** As its resource says. */
  get hostsFile(): HostsFile | undefined {
    return this.resource.hostsFile;
  }

  /** As its resource says. */
  get missing(): MissingAbilities | undefined {
    return this.resource.missing;
  }

  /** The thread that keeps the lease of its agent. */
  get shells(): ShellThread {
    return this.#agent.shells;
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
    const partition = this.#partitionOf(resource);
    const { cpu, memory, fullDisk } = resource;
    return {
      ...resource.kill && { kill: { kill: (onDown) => this.#killOnce(onDown) } },
      ...resource.pause && {
        pause: {
          pause: async () => await resource.pause?.(),
          resume: async () => await resource.resume?.(),
        },
      },
      ...resource.program && { spawnImage: { program: resource.program } },
      ...resource.start && { start: { start: (signal) => this.#start(signal) } },
      ...partition && { partition, shape: partition },
      ...cpu && { cpu },
      ...memory && { memory },
      ...fullDisk && { fullDisk },
    };
  }

  #partitionOf(resource: R): Partition | undefined {
    const { nextAgent, ownsNetwork, controlPort, oncePerKernel } = resource;
    if (nextAgent) {
      const host = (options: CallOptions) => this.#rootHost(options);
      return { controlPort, host, kernelLacks: kernelQuestion(host) };
    }
    if (!ownsNetwork || !this.launchSidecar) return undefined;
    const obstacle = () => resource.sidecarObstacle;
    return new NetworkSidecar(this.launchSidecar, { controlPort, obstacle, oncePerKernel });
  }

  /** The host of the agent that there is now; of a node that is down, of the one that comes with its start. */
  async #rootHost({ signal = this.#over.signal }: CallOptions): Promise<Host> {
    await this.#killing;
    if (this.#goesOn) return this.#agent.host;
    const { host } = await this.resource.nextAgent!(AbortSignal.any([signal, this.#over.signal]));
    return host;
  }

  /** Removes the resource, and then everything on this side. All of it is tried. */
  async #destroy(): Promise<void> {
    this.#over.abort(new Deno.errors.Interrupted("Cannot use the node: it was given back"));
    await this.#giveUpStart();
    await this.#stopWatching();
    throwFailures([
      ...await Promise.allSettled([this.#sidecars[Symbol.asyncDispose]()]),
      ...await Promise.allSettled([this.resource.remove()]),
      ...await Promise.allSettled([this.#disconnect("its node was given back")]),
    ]);
  }

  async #disconnect(reason: string): Promise<void> {
    this.#agent.abandon(reason);
    throwFailures([
      ...await Promise.allSettled([this.#agent[Symbol.asyncDispose]()]),
      ...await Promise.allSettled([this.resource.close?.()]),
    ]);
  }

  /** A kill may be on its way from one agent to the next. */
  async #openStoredFiles(signal: AbortSignal): Promise<StoredFiles> {
    await unlessAborted(this.#killing, signal);
    return await this.resource.openStoredFiles!(this.#agent, signal);
  }

  async #killOnce(onDown: (() => void) | undefined): Promise<void> {
    const killing = this.#kill(onDown);
    this.#killing = killing.catch(() => {});
    await killing;
  }

  async #kill(onDown: () => void = () => {}): Promise<void> {
    await this.#giveUpStart();
    await this.#stopWatching();
    let isDown = false;
    const begun = () => {
      isDown = true;
      onDown();
    };
    try {
      this.#goesOn = await this.resource.kill!(this.#agent, begun) !== undefined;
    } catch (error) {
      // Nobody knows what still runs on it; or it goes on, and so does the watch over it.
      if (isDown) this.#fail("it could not be killed", error);
      else this.#watch();
      throw error;
    }
    if (this.resource.start) return this.#watch();
    this.#end({ summary: "it was killed, as the test asked for" });
  }

  async #start(signal: AbortSignal): Promise<void> {
    const end = this.#startEnd = new AbortController();
    const starting = this.#starting = this.#startOnce(AbortSignal.any([signal, end.signal]));
    await starting.finally(() => this.#starting = undefined);
  }

  async #startOnce(signal: AbortSignal): Promise<void> {
    await this.#stopWatching();
    try {
      signal.throwIfAborted();
      this.#agent = await this.resource.start!(this.#agent, signal);
    } catch (error) {
      if (signal.aborted) this.#watch();
      else this.#fail("it did not come up again", error);
      throw error;
    }
    this.#goesOn = true;
    this.host.replace(this.#agent.host);
    this.#watch();
  }

  async #giveUpStart(): Promise<void> {
    this.#startEnd.abort(new Deno.errors.Interrupted("Cannot start the node: it is to end"));
    await this.#starting?.catch(() => {});
  }

  #fail(what: string, cause: unknown): void {
    this.#end({ summary: `${what}: ${messageOf(cause)}`, cause });
  }

  #watch(): void {
    if (this.isOver) return;
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
    const ends = [ended, aborted(signal)];
    if (this.#goesOn) {
      ends.push(this.#agent.lost.then((reason) => this.#explained(reason, ended, signal)));
    }
    const reason = await Promise.race(ends);
    if (reason !== undefined && !signal.aborted) this.#end(reason);
  }

  /** How a resource has ended says more than that its agent cannot be reached; it comes soon if at all. */
  async #explained(
    reason: LossReason,
    ended: Promise<LossReason | undefined>,
    signal: AbortSignal,
  ): Promise<LossReason> {
    // An agent that cannot be reached is of no use, even if it goes on.
    this.#agent.abandon(reason.summary);
    using soon = new Deadline(EXPLANATION_DEADLINE, [signal]);
    const explanation = this.resource.explain?.(reason, soon.signal) ?? ended;
    return await unlessAborted(explanation, soon.signal).catch(() => undefined) ?? reason;
  }

  #end(reason: LossReason): void {
    this.#isLost = true;
    this.#over.abort(new Deno.errors.Interrupted(`Cannot use the node: ${reason.summary}`));
    this.#watching.abort();
    this.#lose(reason);
    this.#agent.abandon(reason.summary);
    // They live on without what they are beside. What fails now, the node's destruction tries again.
    this.#sidecars[Symbol.asyncDispose]().catch(() => {});
  }
}
