import type { LossReason } from "../../agent/client/loss_reason.ts";
import type { Host, HostFiles } from "../../agent/host/host.ts";
import type { ShellThread } from "../../agent/shell/shell_offer.ts";
import type { Abilities, MissingAbilities } from "./abilities.ts";
import type { HostsFile } from "./hosts_file.ts";

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
