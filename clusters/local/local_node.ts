import { messageOf } from "../../agent/host/described_error.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { LocalHost } from "../../agent/host/local_host.ts";
import { StrayFreeze } from "../../agent/host/stray_freeze.ts";
import { killStrays } from "../../agent/host/stray_processes.ts";
import {
  type Abilities,
  CurrentHost,
  type LossReason,
  type ProvidedNode,
  type ShellPlace,
  type StoredFiles,
} from "../kit/mod.ts";
import { type NodePlace, openStoredFiles } from "../this_host/mod.ts";
import { PausableHost, PauseGate } from "./pausable_host.ts";

/** What the processes of a node may do to the files of this host. */
export interface LocalNodeOptions {
  /** Also changes to files outside of the node's folder. */
  readonly allowHostPaths: boolean;
}

/** A node that is a folder and some processes of this host. */
export class LocalNode implements ProvidedNode {
  readonly host: CurrentHost;
  readonly id: string;
  readonly address: string;
  readonly networks: NodePlace["networks"];
  readonly lost: Promise<LossReason>;
  readonly abilities: Abilities;
  readonly shells: ShellPlace;
  readonly openStoredFiles: () => Promise<StoredFiles>;
  readonly #place: NodePlace;
  readonly #lose: (reason: LossReason) => void;
  readonly #gate: PauseGate;
  readonly #freeze: StrayFreeze;
  #starting: Promise<void> | undefined;
  readonly #end = new UntilDone(() => this.#destroy());

  private constructor(place: NodePlace, host: LocalHost, options: LocalNodeOptions) {
    const gate = new PauseGate();
    this.#gate = gate;
    this.#freeze = new StrayFreeze(place.strays);
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#place = place;
    this.host = new CurrentHost(new PausableHost(host, gate));
    this.id = place.rootDir;
    this.address = place.address;
    this.networks = place.networks;
    const { rootDir, env, marker } = place;
    this.shells = { rootDir, env, marker };
    this.openStoredFiles = () => openStoredFiles(place);
    this.abilities = {
      kill: { kill: (onDown) => this.#kill(onDown) },
      pause: { pause: () => this.#pause(), resume: () => this.#resume() },
      start: {
        start: async (signal) => await (this.#starting = this.#start(options, signal)),
      },
    };
  }

  /** Opens the host of a place. */
  static async open(place: NodePlace, options: LocalNodeOptions): Promise<LocalNode> {
    return new LocalNode(place, await openHost(place, options), options);
  }

  destroy(): Promise<void> {
    return this.#end.run();
  }

  async #destroy(): Promise<void> {
    await this.#starting?.catch(() => {});
    try {
      await this.#endAll();
    } finally {
      await this.#place.remove();
    }
  }

  async #pause(): Promise<void> {
    await this.#gate.close();
    try {
      await this.#freeze.freeze();
    } catch (error) {
      this.#gate.open();
      throw error;
    }
  }

  async #resume(): Promise<void> {
    await this.#freeze.thaw();
    this.#gate.open();
  }

  async #kill(onDown: () => void = () => {}): Promise<void> {
    onDown();
    try {
      await this.#endAll();
      await this.#resume();
    } catch (error) {
      this.#lose({ summary: `it could not be killed: ${messageOf(error)}`, cause: error });
      throw error;
    }
  }

  /** A folder that is gone is not made anew: the files in it were to be kept. */
  async #start(options: LocalNodeOptions, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      await Deno.stat(this.#place.rootDir);
      const host = await openHost(this.#place, options);
      this.host.replace(new PausableHost(host, this.#gate));
    } catch (error) {
      this.#lose({ summary: `it did not come up again: ${messageOf(error)}`, cause: error });
      throw error;
    }
  }

  /** Orphans go first: one that dropped the marker is not found any more once its parent has ended. */
  async #endAll(): Promise<void> {
    try {
      await killStrays(this.#place.strays);
    } finally {
      await this.host[Symbol.asyncDispose]();
    }
  }
}

function openHost(place: NodePlace, { allowHostPaths }: LocalNodeOptions): Promise<LocalHost> {
  const { rootDir, env, marker, address } = place;
  return LocalHost.open({
    rootDir,
    env,
    marker,
    confine: !allowHostPaths,
    ownAddress: address,
    prepare: true,
  });
}
