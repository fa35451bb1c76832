/**
 * What a backend is: it obtains hosts for a list of requests, and gives them back. Everything that a
 * node does is written once, elsewhere.
 *
 * @module
 */
import type { Fleet } from "../../agent/client/fleet.ts";
import type { LossReason } from "../../agent/client/loss_reason.ts";
import type { ShellOffer, ShellThread, ShellWithdrawal } from "../../agent/shell/shell_offer.ts";
import type { CallOptions, FileSystem, Host, HostFiles } from "../../agent/host/host.ts";
import type { OptionKind } from "../options/mod.ts";
import type { HostsFile } from "./hosts_file.ts";
import type { ImageProgram } from "./image_program.ts";
import type { KernelQuestion } from "./kernel_needs.ts";
import type { Emit } from "../events/mod.ts";

export type { LossReason, OptionKind, ShellOffer, ShellThread, ShellWithdrawal };

/** The options that every backend's nodes have. */
export interface NodeOptions {
  /** Unique in its cluster; letters, digits and hyphens. @default "node1", "node2", … */
  readonly name?: string | undefined;
  /** Added to the environment of every process on the node. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

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

/** Provides nodes. Made by `local()`, `docker({ … })` and the like, which starts nothing. */
export interface Backend<O extends NodeOptions = NodeOptions> {
  /** As in `CLUSTERTEST_BACKEND`. */
  readonly name: string;
  /**
   * The optional abilities of its nodes. A backend with "kill" and "start" names "restart", too, which is
   * one after the other.
   */
  readonly abilities: readonly AbilityName[];
  /**
   * Those of `abilities` that nodes get only in a cluster that `needs` them: what they take is part of a node
   * from its beginning, or never. @default none
   */
  readonly onlyIfNeeded?: readonly AbilityName[] | undefined;
  /**
   * The kinds of the options of its nodes, besides `name` and `env`: other options are refused when nodes
   * are added. @default the backend checks options itself
   */
  readonly nodeOptions?: Readonly<Record<string, OptionKind>> | undefined;
  /** From this, the guardian makes the same backend in another process. Of a composed one it uses its members'. */
  readonly recipe: BackendRecipe;
  /**
   * What it was made with, for the record: its options, and what its environment says where they say nothing.
   * Values of `env`, functions, credentials and the like do not get into the record. @default the recipe's
   */
  readonly options?: object | undefined;
  /** Its members, if it is composed: each node belongs to one of them. @default it is not composed */
  readonly composition?: Composition<O> | undefined;
  /**
   * Checks that the backend can be used, and prepares it for one cluster. If that fails, or the context's
   * signal aborts, it gives back what it has made so far, and then rejects. If something cannot be given
   * back, it rejects with a `SuppressedError` whose `error` says so, as a disposed stack does.
   */
  open(context: ClusterContext): Promise<Provider<O>>;
  /** Finds what dead runs left behind, and removes it unless `dryRun`. Needs no live cluster. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
}

/** What a backend is composed of. */
export interface Composition<O extends NodeOptions = NodeOptions> {
  /** The members by their names. They are not composed themselves. */
  readonly members: Readonly<Record<string, Backend<never>>>;
  /** The name of the member that makes a node with these options; throws a `TypeError` if there is none. */
  memberOf(options: O): string;
}

/** Names a module that exports `backendFromRecipe(options)`, and what to call it with. */
export interface BackendRecipe {
  /**
   * URL of the module. Its imports are mapped by the nearest `deno.json` or `deno.jsonc` of the folder in
   * which the runner is, unless it is one of this package.
   */
  readonly module: string;
  /** JSON. Secrets do not belong here. */
  readonly options: unknown;
}

/** What a backend is told about a cluster. */
export interface ClusterContext {
  /** Unique; letters and digits. Resources carry it in their names and labels. */
  readonly clusterId: string;
  /** The run that the cluster belongs to. */
  readonly run: RunIdentity;
  /**
   * The abilities that the test needs: a subset of the backend's `abilities`. A backend that finds out here
   * that it cannot provide one throws a `MissingAbilityError`, with the reason, before it makes anything.
   */
  readonly needs: readonly AbilityName[];
  /** The abilities that the test needs of single members of a composed backend. @default none besides `needs` */
  readonly memberNeeds?: Readonly<Record<string, readonly AbilityName[]>> | undefined;
  /** Gives the fleet that the members of a composed backend share. @default each backend makes its own */
  readonly sharedFleet?: (() => Promise<Fleet>) | undefined;
  /** Milliseconds between heartbeats, and milliseconds without any after which a node ends itself. */
  readonly heartbeat: Required<HeartbeatOptions>;
  /** Puts an event on the stream of the cluster. */
  readonly emit: Emit;
  /** Aborts when the cluster is disposed or its own signal aborts. */
  readonly signal: AbortSignal;
}

/** One process that makes clusters. Everything that it has created is an orphan when it is gone. */
export interface RunIdentity {
  /** Unique; letters and digits. */
  readonly id: string;
  /** The process that makes the clusters. */
  readonly owner: ProcessIdentity;
}

/** Identifies a process, also when its number is used again later. */
export interface ProcessIdentity {
  /**
   * Identifies the boot of the machine and the namespace in which the number is valid: 16 hexadecimal
   * digits.
   */
  readonly namespace: string;
  /** The number of the process. */
  readonly pid: number;
  /** The time of its start, as a whole number in a unit of the operating system's. */
  readonly start: string;
}

/** How nodes notice that the runner is gone. */
export interface HeartbeatOptions {
  /** Milliseconds between heartbeats. @default 5000 */
  readonly interval?: number | undefined;
  /** Milliseconds without one after which a node ends itself. @default 60000 */
  readonly timeout?: number | undefined;
}

/** Provides the nodes of one cluster. Disposing it gives back everything that it still has. */
export interface Provider<O extends NodeOptions = NodeOptions> extends AsyncDisposable {
  /**
   * One node for each request, all of them or none: if one fails, those of this call are destroyed
   * and the error says why the first failed.
   */
  create(requests: readonly NodeRequest<O>[], options: CreateOptions): Promise<ProvidedNode[]>;
}

/** How the nodes of one call are made. */
export interface CreateOptions {
  /** Aborting it gives back all nodes of this call. */
  readonly signal: AbortSignal;
  /** To be called for each node as soon as it has been launched, for the progress. */
  readonly onLaunched?: (() => void) | undefined;
}

/** One node that a cluster wants. */
export interface NodeRequest<O extends NodeOptions = NodeOptions> {
  /** Unique in its cluster. */
  readonly name: string;
  /** The options that the test has given. */
  readonly options: O;
}

/** How a shell is started on a node that consists of a folder and processes of this machine. */
export interface ShellPlace {
  /** Its folder. */
  readonly rootDir: string;
  /** The environment of its processes. */
  readonly env: Readonly<Record<string, string>>;
  /** Further variables, which mark processes so that they end with the node. */
  readonly marker: Readonly<Record<string, string>>;
}

/** A network that a node is in. */
export interface NodeNetwork {
  /** The same for all nodes in it, on whatever backend: they reach each other there. */
  readonly id: string;
  /** Where the others reach the node. */
  readonly address: string;
}

/** A node as its backend provides it. */
export interface ProvidedNode {
  /** What does the work. */
  readonly host: Host;
  /** The backend's own name for it: a container's id, an instance's id, a path. */
  readonly id: string;
  /** Where other nodes of its network reach it. */
  readonly address: string;
  /** The networks that it is in. @default one that all nodes of its cluster on this backend are in */
  readonly networks?: readonly NodeNetwork[] | undefined;
  /** Where it may be reached from everywhere, unless something is in the way. @default nowhere */
  readonly publicAddress?: string | undefined;
  /** The file with names of other nodes, if it is the node's own. @default it is not */
  readonly hostsFile?: HostsFile | undefined;
  /** Resolves, once, to the reason for which the node is gone. Never rejects. */
  readonly lost: Promise<LossReason>;
  /** Its optional abilities. */
  readonly abilities: Abilities;
  /** Why it lacks abilities that other nodes of its backend have. @default nothing is known */
  readonly missing?: MissingAbilities | undefined;
  /**
   * Launches an agent beside the node, where the backend can. The agent shares the node's network and nothing
   * else, is root there with the privilege `NET_ADMIN` alone, and ends with the node at the latest. Rejects,
   * and leaves nothing, when `signal` aborts or the node ends.
   */
  readonly launchSidecar?: ((signal: AbortSignal) => Promise<Sidecar>) | undefined;
  /** How shells are opened while the thread of the test is busy. @default no shells can be opened */
  readonly shells?: ShellPlace | ShellThread | undefined;
  /**
   * Opens the files of a node whose host does not answer because the node is down, paused or lost, where the
   * backend can reach them nevertheless. A node that is down stays down; one that is paused may go on until
   * the result is disposed. Rejects when the files are gone, or `signal` aborts.
   */
  readonly openStoredFiles?: ((signal: AbortSignal) => Promise<StoredFiles>) | undefined;
  /** Gives the node back at once. Idempotent; what fails is tried again by the next call. */
  destroy(): Promise<void>;
}

/** Files of a node whose host does not answer. */
export interface StoredFiles extends AsyncDisposable {
  /** The files. They are only read. */
  readonly files: HostFiles;
}

/**
 * An agent in the network of a node, with a privilege that the processes on the node do not get. Disposing
 * removes it; if that fails, the next call tries again.
 */
export interface Sidecar extends AsyncDisposable {
  /** The host of the agent. Its files are its own, and in memory. */
  readonly host: Host;
  /** Resolves, once, to the reason for which it is gone. Never rejects. */
  readonly lost: Promise<LossReason>;
}

/** What a sweep looks for, and what it does. */
export interface SweepOptions {
  /** Only list what was found. @default false */
  readonly dryRun?: boolean | undefined;
  /** Sweep only what this run has made, which is taken to be dead. */
  readonly run?: string | undefined;
  /** Sweep caches as well: agents, and images that were built. @default false */
  readonly caches?: boolean | undefined;
  /** Ends the sweep early. */
  readonly signal?: AbortSignal | undefined;
}

/** The result of a sweep. */
export interface SweepReport {
  /** Each left-over that was found. */
  readonly found: readonly SweptResource[];
  /** The region that was searched, where a backend has several. */
  readonly region?: string | undefined;
}

/** One left-over. */
export interface SweptResource {
  /** "process", "folder", "container", "network", … */
  readonly kind: string;
  /** Its name, number or path. */
  readonly id: string;
  /** Which run made it, and why it is dead. */
  readonly reason: string;
  /** Whether it is gone. */
  readonly outcome: "removed" | "would be removed" | { readonly failed: string };
}
