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

/** Abilities that every node is to have; or, by the names of a backend's members, those of its nodes. */
export type Needs = readonly AbilityName[] | Readonly<Record<string, readonly AbilityName[]>>;

/** Sudden death, as by a power cut. Without {@linkcode Start} the node is lost afterwards. */
export interface Kill {
  /**
   * Ends everything on the node at once; resolves once nothing on it acts any more. Calls `onDown` as soon
   * as that cannot be averted any more: from then on, what is under way on the node fails. A kill that
   * fails before changes nothing; one that fails later loses the node.
   */
  kill(onDown?: () => void): Promise<void>;
}

/** Brings a node that was killed up again, with its name, its address and its files. */
export interface Start {
  /**
   * The node's {@linkcode Host} stays the same one, whatever is behind it. Called only after a kill. Gives
   * up when `signal` aborts: the node is then as it was before, and can be started later. Failing for
   * another reason loses the node.
   */
  start(signal: AbortSignal): Promise<void>;
}

/** Stops the clock of everything on the node, and lets it go on. */
export interface Pause {
  /** Stops it. */
  pause(): Promise<void>;
  /** Lets it go on. */
  resume(): Promise<void>;
}

/** Starts what the image of the node is for. */
export interface SpawnImage {
  /** That program, and how it is to be started. */
  readonly program: ImageProgram;
}

/** Keeps packets from a node that other nodes send, and the other way round. */
export interface Partition {
  /**
   * A host in the node's network that may change it, and goes on while the node is down or paused. The
   * node's processes do not see it, and do not get its privileges. It lasts as long as the node; or, where
   * it is the node's own, until that is killed, and then it is the one that comes with the next start.
   */
  host(options: CallOptions): Promise<Host>;
  /** The port of TCP at which the node's agent is reached, if it listens: no fault concerns that. */
  readonly controlPort?: number | undefined;
  /** Why the host cannot be reached at this time, if that is so: it completes "Cannot …: ". */
  readonly obstacle?: string | undefined;
  /** What the kernel of the node lacks of what a fault takes. It is asked once. @default nothing is known */
  readonly kernelLacks?: KernelQuestion | undefined;
}

/** Gives a node less of something than it was made with, from one moment to the next. */
export interface Limit {
  /** Sets how much it gets: processors' time, as in `0.5`, or bytes. `undefined` is what it was made with. */
  set(amount: number | undefined, options: CallOptions): Promise<void>;
}

/** Knows which file systems a node has alone, so that it concerns nobody else when one is full. */
export interface FullDisk {
  /** How a node gets a file system of its own, as a sentence without its period. @default nothing is known */
  readonly remedy?: string | undefined;
  /** Why it concerns others, or may, as a clause; `undefined` if the node has it alone. */
  sharedWhy(fileSystem: FileSystem, options: CallOptions): Promise<string | undefined>;
}

/** The abilities that a node has; one that is missing is a typed error for the test's author. */
export interface Abilities {
  /** Whether and how it can be killed. */
  readonly kill?: Kill | undefined;
  /** Whether and how it can be paused. */
  readonly pause?: Pause | undefined;
  /** Whether and how it can be started again after a kill. */
  readonly start?: Start | undefined;
  /** Whether it was made from an image, and what that says. */
  readonly spawnImage?: SpawnImage | undefined;
  /** Whether and how packets can be kept from it. */
  readonly partition?: Partition | undefined;
  /** Whether and how they can be late, or some of them lost: in the same way. */
  readonly shape?: Partition | undefined;
  /** Whether and how it can get less of processors' time. */
  readonly cpu?: Limit | undefined;
  /** Whether and how it can get less memory. */
  readonly memory?: Limit | undefined;
  /** Whether it may have file systems that can be filled. */
  readonly fullDisk?: FullDisk | undefined;
}

/** A place where nodes can be had. Made by `local()`, `docker({ … })` and the like; starts nothing. */
export interface Backend<O extends NodeOptions = NodeOptions> {
  /** As in `CLUSTERTEST_BACKEND`. */
  readonly name: string;
  /**
   * What its nodes can do beyond the common surface. With "kill" and "start" goes "restart", which is one
   * after the other.
   */
  readonly abilities: readonly AbilityName[];
  /**
   * What may be said of its nodes besides `name` and `env`: any other name is refused when nodes are
   * added. @default the backend checks that itself
   */
  readonly nodeOptions?: Readonly<Record<string, OptionKind>> | undefined;
  /** How the guardian finds this backend again, from another process; that of each member, if it has some. */
  readonly recipe: BackendRecipe;
  /** What it is composed of: each node is one of a member's. @default of nothing else */
  readonly composition?: Composition<O> | undefined;
  /**
   * Checks that the backend can be used and prepares it for one cluster. If that fails, or the context's
   * signal aborts, it gives back what there is so far, and then rejects. What cannot be given back is
   * the `error` of a `SuppressedError`, as a disposed stack throws it.
   */
  open(context: ClusterContext): Promise<Provider<O>>;
  /** Finds what dead runs left behind, and removes it unless `dryRun`. Needs no live cluster. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
}

/** What a backend is composed of. */
export interface Composition<O extends NodeOptions = NodeOptions> {
  /** The members by their names. They are not composed themselves. */
  readonly members: Readonly<Record<string, Backend<never>>>;
  /** Which of them has nodes with these options; throws a `TypeError` when there is no such member. */
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

/** What a backend gets to know of a cluster. */
export interface ClusterContext {
  /** Unique; letters and digits. Resources carry it in their names and labels. */
  readonly clusterId: string;
  /** The run that the cluster belongs to. */
  readonly run: RunIdentity;
  /**
   * What the test needs: a subset of the backend's `abilities`. A backend that finds out only now what it
   * can do here throws a `MissingAbilityError`, with the reason, before it makes anything.
   */
  readonly needs: readonly AbilityName[];
  /** What it needs of single members, where the backend is composed. @default nothing besides `needs` */
  readonly memberNeeds?: Readonly<Record<string, readonly AbilityName[]>> | undefined;
  /** Makes, once, the fleet that backends share which are members of one. @default each has its own */
  readonly sharedFleet?: (() => Promise<Fleet>) | undefined;
  /** How often, in milliseconds, and how long without. */
  readonly heartbeat: Required<HeartbeatOptions>;
  /** Puts an event on the stream of the cluster. */
  readonly emit: Emit;
  /** Aborts when the cluster is disposed or its own signal aborts. */
  readonly signal: AbortSignal;
}

/** One process that makes clusters. What it creates is dead as soon as it is. */
export interface RunIdentity {
  /** Unique; letters and digits. */
  readonly id: string;
  /** The process that makes the clusters. */
  readonly owner: ProcessIdentity;
}

/** A process, distinguished from a later one with the same number. */
export interface ProcessIdentity {
  /**
   * The boot of a machine, and the namespace in it, in which its number means something: 16 hexadecimal
   * digits.
   */
  readonly namespace: string;
  /** The number of the process. */
  readonly pid: number;
  /** When it started, in a unit of the operating system's own: a whole number. */
  readonly start: string;
}

/** How nodes notice that the runner is gone. */
export interface HeartbeatOptions {
  /** Milliseconds between heartbeats. @default 5000 */
  readonly interval?: number | undefined;
  /** Milliseconds without one after which a node ends itself. @default 60000 */
  readonly timeout?: number | undefined;
}

/** A backend at work for one cluster. Disposing it gives back whatever it still has. */
export interface Provider<O extends NodeOptions = NodeOptions> extends AsyncDisposable {
  /**
   * One node for each request, all of them or none: if one fails, those of this call are destroyed
   * and the error says why the first failed.
   */
  create(requests: readonly NodeRequest<O>[], options: CreateOptions): Promise<ProvidedNode[]>;
}

/** How nodes are made. */
export interface CreateOptions {
  /** Aborting it gives back all nodes of this call. */
  readonly signal: AbortSignal;
  /** To be called for each node as soon as it is there, for the progress. */
  readonly onLaunched?: (() => void) | undefined;
}

/** One node that a cluster wants. */
export interface NodeRequest<O extends NodeOptions = NodeOptions> {
  /** Unique in its cluster. */
  readonly name: string;
  /** What the test asked for. */
  readonly options: O;
}

/** A node that is a folder and processes of this machine: any process of this user can start others. */
export interface ShellPlace {
  /** Its folder. */
  readonly rootDir: string;
  /** The environment of its processes. */
  readonly env: Readonly<Record<string, string>>;
  /** What is in their environment besides, so that they end with the node. */
  readonly marker: Readonly<Record<string, string>>;
}

/** A network that a node is in. */
export interface NodeNetwork {
  /** The same for all nodes in it, on whatever backend: they reach each other there. */
  readonly id: string;
  /** Where the others reach the node. */
  readonly address: string;
}

/** A node as its backend has it. */
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
  /** Path of the file with names of other nodes, if it is the node's own. @default it is not */
  readonly hostsFile?: string | undefined;
  /** Resolves, once, to the reason for which the node is gone. Never rejects. */
  readonly lost: Promise<LossReason>;
  /** What it can do beyond the common surface. */
  readonly abilities: Abilities;
  /**
   * Launches an agent beside the node, where the backend can: it shares the node's network and nothing
   * else, is root there with the privilege `NET_ADMIN` alone, and goes with the node at the latest.
   * Rejects, and leaves nothing, when `signal` aborts or the node ends.
   */
  readonly launchSidecar?: ((signal: AbortSignal) => Promise<Sidecar>) | undefined;
  /** How shells are opened there while the thread of the test is busy; none can be without. */
  readonly shells?: ShellPlace | ShellThread | undefined;
  /**
   * Opens the files of the node while its host does not answer, for it is down, paused or lost, where the
   * backend can reach them all the same. A node that is down stays so; one that is paused may go on until
   * they are disposed of. Rejects when they are gone, or `signal` aborts.
   */
  readonly openStoredFiles?: ((signal: AbortSignal) => Promise<StoredFiles>) | undefined;
  /** Gives the node back at once. Idempotent; what fails is tried again by the next call. */
  destroy(): Promise<void>;
}

/** Files of a node whose host does not answer. */
export interface StoredFiles extends AsyncDisposable {
  /** They are only read. */
  readonly files: HostFiles;
}

/**
 * An agent in the network of a node, for what needs a privilege that neither the node's image nor what is
 * tested on it shall have. Disposing removes it; what fails is tried again by the next call.
 */
export interface Sidecar extends AsyncDisposable {
  /** What does the work. Its files are its own, and in memory. */
  readonly host: Host;
  /** Resolves, once, to the reason for which it is gone. Never rejects. */
  readonly lost: Promise<LossReason>;
}

/** What to sweep. */
export interface SweepOptions {
  /** Only list. @default false */
  readonly dryRun?: boolean | undefined;
  /** Only what this run made; it is taken to be dead. */
  readonly run?: string | undefined;
  /** Caches too: agent volumes, agent objects. @default false */
  readonly caches?: boolean | undefined;
  /** Ends the sweep early. */
  readonly signal?: AbortSignal | undefined;
}

/** What a sweep found, and what became of it. */
export interface SweepReport {
  /** A line for each left-over. */
  readonly found: readonly SweptResource[];
  /** The only region that was looked at, where a backend has several. */
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
