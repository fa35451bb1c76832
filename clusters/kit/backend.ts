/**
 * What a backend is: it obtains hosts for a list of requests, and gives them back. Everything that a
 * node does is written once, elsewhere.
 *
 * @module
 */
import type { Fleet } from "../../agent/client/fleet.ts";
import type { LossReason } from "../../agent/client/loss_reason.ts";
import type { ShellOffer, ShellThread, ShellWithdrawal } from "../../agent/shell/shell_offer.ts";
import type { OptionKind } from "../options/mod.ts";
import type { Emit } from "../events/mod.ts";
import type { AbilityName } from "./abilities.ts";
import type { ProvidedNode } from "./provided_node.ts";

export type { LossReason, OptionKind, ShellOffer, ShellThread, ShellWithdrawal };

/** The options that every backend's nodes have. */
export interface NodeOptions {
  /** Unique in its cluster; letters, digits and hyphens. @default "node1", "node2", … */
  readonly name?: string | undefined;
  /** Added to the environment of every process on the node. */
  readonly env?: Readonly<Record<string, string>> | undefined;
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
