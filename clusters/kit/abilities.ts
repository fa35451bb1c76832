import type { CallOptions, FileSystem, Host } from "../../agent/host/host.ts";
import type { ImageProgram } from "./image_program.ts";
import type { KernelQuestion } from "./kernel_needs.ts";

/** What some backends' nodes can do and others' cannot. */
export type AbilityName =
  | "kill"
  | "pause"
  | "start"
  | "restart"
  | "spawnImage"
  | "partition"
  | "shape"
  | "cpu"
  | "memory"
  | "fullDisk";

/** Abilities that all nodes must have; an object says it for each member of a composed backend, by its name. */
export type Needs = readonly AbilityName[] | Readonly<Record<string, readonly AbilityName[]>>;

/** Sudden death, as by a power cut. Without {@linkcode Start} the node is lost afterwards. */
export interface Kill {
  /**
   * Ends everything on the node at once; resolves when nothing on it acts any more. Calls `onDown` when the
   * end has become inevitable: from then on, what is under way on the node fails. A kill that fails before
   * that changes nothing; one that fails later loses the node.
   */
  kill(onDown?: () => void): Promise<void>;
}

/** Starts a node again that was killed, with its name, its address and its files. */
export interface Start {
  /**
   * Called only after a kill. The node's {@linkcode Host} stays the same object, whatever is behind it. If
   * `signal` aborts, the node stays down, and can be started later; a failure for another reason loses the
   * node.
   */
  start(signal: AbortSignal): Promise<void>;
}

/** Freezes everything on the node, and lets it go on. */
export interface Pause {
  /** Freezes it. */
  pause(): Promise<void>;
  /** Lets it go on. */
  resume(): Promise<void>;
}

/** Knows the program of the node's image. */
export interface SpawnImage {
  /** The program, and how it is started. */
  readonly program: ImageProgram;
}

/** Filters the packets between a node and others. */
export interface Partition {
  /**
   * A host in the node's network with the privilege to change it, which goes on while the node is down or
   * paused. The node's processes do not see it, and do not get its privileges. It lasts as long as the node.
   * Where it is the node's own host, it lasts until the node is killed; while the node is down, this gives
   * the host that it will have after its next start.
   */
  host(options: CallOptions): Promise<Host>;
  /** The TCP port at which the node's agent listens, if it does: it is exempt from faults. */
  readonly controlPort?: number | undefined;
  /** Why the host cannot be reached at this moment, as a clause that completes "Cannot …: ". */
  readonly obstacle?: string | undefined;
  /** Finds out what the node's kernel lacks for a fault. It is asked once. @default nothing is known */
  readonly kernelLacks?: KernelQuestion | undefined;
}

/** Limits a resource of a node while the node runs. */
export interface Limit {
  /**
   * Sets the limit: processors, as in `0.5`, or bytes. `undefined` restores what the node was made with. Once it
   * has settled, also since its signal has aborted, nothing changes any more until the next call.
   */
  set(amount: number | undefined, options: CallOptions): Promise<void>;
}

/** Knows which file systems belong to a node alone, so that filling one concerns nobody else. */
export interface FullDisk {
  /** How a node gets a file system of its own, as a sentence without its period. @default nothing is known */
  readonly remedy?: string | undefined;
  /** Why filling it concerns others, or may, as a clause; `undefined` if it belongs to the node alone. */
  sharedWhy(fileSystem: FileSystem, options: CallOptions): Promise<string | undefined>;
}

/** The abilities of a node. Using one that is missing is a `MissingAbilityError`. */
export interface Abilities {
  /** Kills it suddenly. */
  readonly kill?: Kill | undefined;
  /** Pauses and resumes it. */
  readonly pause?: Pause | undefined;
  /** Starts it again after a kill. */
  readonly start?: Start | undefined;
  /** The program of the image that it was made from. */
  readonly spawnImage?: SpawnImage | undefined;
  /** Drops packets between it and others. */
  readonly partition?: Partition | undefined;
  /** Delays packets between it and others, or loses some of them; by the same means. */
  readonly shape?: Partition | undefined;
  /** Limits its processors' time. */
  readonly cpu?: Limit | undefined;
  /** Limits its memory. */
  readonly memory?: Limit | undefined;
  /** Tells which of its file systems may be filled. */
  readonly fullDisk?: FullDisk | undefined;
}

/** Why a node lacks abilities that it might have, by their names. */
export type MissingAbilities = Readonly<Partial<Record<AbilityName, MissingAbility>>>;

/** Why a node lacks an ability. */
export interface MissingAbility {
  /** A clause that completes "Cannot …: ". */
  readonly reason: string;
  /** What to do, as a sentence without a full stop. */
  readonly remedy: string;
}

/** What nodes can do by their agent alone, where the platform that they are on has no ability of its own. */
export const AGENT_ABILITIES: readonly AbilityName[] = [
  "kill",
  "start",
  "restart",
  "partition",
  "shape",
  "fullDisk",
];
