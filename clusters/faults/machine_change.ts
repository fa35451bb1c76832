import type { Host } from "../../agent/host/host.ts";
import type { MachineCheck } from "../events/mod.ts";
import type { Abilities } from "../kit/mod.ts";
import type { Node } from "../node/mod.ts";

/** A node whose machine is changed. */
export interface MachineTarget {
  readonly node: Node;
  readonly host: Host;
  readonly abilities: Abilities;
}

/** What a fault does to the machine of each of its nodes. */
export interface MachineChange {
  /** What a node needs for it. */
  readonly ability: "cpu" | "memory" | "fullDisk";
  /**
   * Begins it on one node. Rejects, and changes nothing, when it cannot be. Without `proof` nothing is asked
   * of the node itself that need not be.
   */
  begin(target: MachineTarget, options: BeginOptions): Promise<AppliedChange>;
}

/** How a change is begun. */
export interface BeginOptions {
  readonly proof: boolean;
  readonly signal: AbortSignal;
}

/** A change that is there. Disposing it takes it back; what fails is tried again by the next call. */
export interface AppliedChange extends AsyncDisposable {
  /** Measures on the node what shows that it is there. */
  prove(signal: AbortSignal): Promise<MachineCheck[]>;
  /** Measures what shows that it was taken back. */
  proveUndone(signal: AbortSignal): Promise<MachineCheck[]>;
  /** Resolves, once, to why it has ended by itself. @default it cannot */
  readonly lost?: Promise<Error> | undefined;
}
