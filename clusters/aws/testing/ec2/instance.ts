import type { InstanceStateName, StateReason } from "@aws-sdk/client-ec2";
import type { Addresses, Machine } from "../machines/machine.ts";
import type { InstanceType } from "./instance_types.ts";
import type { Tags } from "./tags.ts";

/** The numbers of the states. */
export const STATE_CODES: Readonly<Record<InstanceStateName, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** What of an instance is known from its launch on. */
export interface InstanceSpec {
  readonly id: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly clientToken: string | undefined;
  readonly type: InstanceType;
  readonly imageId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly groupIds: readonly string[];
  readonly addresses: Addresses;
  readonly keyName: string | undefined;
  readonly placementGroup: string | undefined;
  readonly profileArn: string | undefined;
  readonly rootVolumeId: string;
  readonly networkInterfaceTags: Tags;
  readonly tags: Tags;
  readonly isSpot: boolean;
  readonly terminatesItself: boolean;
  readonly metadataTokens: "optional" | "required";
  /** Milliseconds since the epoch from which on it is known. */
  readonly seenFrom: number;
  /** Milliseconds since the epoch until which it is `pending` at least. */
  readonly pendingUntil: number;
}

/** An instance, from its launch on; when it is terminated it stays known. */
export class Instance {
  readonly spec: InstanceSpec;
  readonly launchTime = new Date();
  stateReason: StateReason | undefined;
  /** When it left a state, in EC2's words: `(2026-01-02 03:04:05 GMT)`. */
  transition: string | undefined;
  /** What runs it, once that has begun to boot. */
  machine: Promise<Machine> | undefined;
  /** What it had written on its console when it was switched off. */
  lastConsole = "";
  /** Resolves when it has been switched off and nothing is left of it. */
  readonly gone = Promise.withResolvers<void>();
  #state: InstanceStateName = "pending";
  #neverRan = false;

  constructor(spec: InstanceSpec) {
    this.spec = spec;
  }

  get id(): string {
    return this.spec.id;
  }

  get tags(): Tags {
    return this.spec.tags;
  }

  /** Whether calls know it already. */
  get isSeen(): boolean {
    return Date.now() >= this.spec.seenFrom;
  }

  get state(): InstanceStateName {
    const wasPending = this.#state === "running" || this.#neverRan;
    return wasPending && Date.now() < this.spec.pendingUntil ? "pending" : this.#state;
  }

  /** Whether it runs, or will. */
  get isAlive(): boolean {
    return this.#state === "pending" || this.#state === "running";
  }

  /** Ends before it ran. */
  fail(reason: StateReason): void {
    this.#neverRan = true;
    this.become("terminated", reason);
  }

  /** Goes on to another state. */
  become(state: InstanceStateName, reason?: StateReason): void {
    this.#state = state;
    if (reason === undefined) return;
    this.stateReason = reason;
    const time = new Date().toISOString().replace("T", " ").replace(/\.\d+Z/, " GMT");
    this.transition = `${reason.Message?.replace(/^[\w.]+: /, "")} (${time})`;
  }
}

/** A reason in EC2's words: the code, and the code with an explanation. */
export function stateReason(code: string, explanation: string): StateReason {
  return { Code: code, Message: `${code}: ${explanation}` };
}
