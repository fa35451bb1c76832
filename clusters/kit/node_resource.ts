import type { FleetAgent } from "../../agent/client/fleet.ts";
import type { FullDisk, Limit, MissingAbilities } from "./abilities.ts";
import type { LossReason } from "./backend.ts";
import type { HostsFile } from "./hosts_file.ts";
import type { ImageProgram } from "./image_program.ts";
import type { OncePerKernel } from "./kernel_needs.ts";
import type { NodeNetwork, Sidecar, StoredFiles } from "./provided_node.ts";

/**
 * What the agent of a node runs in: a process, a container, a machine. It is all that a backend says
 * of a node; the rest is {@linkcode AgentNode}.
 */
export interface NodeResource {
  /** The backend's own name for it. */
  readonly id: string;
  /** Where other nodes of its network reach it. */
  readonly address: string;
  /** As {@linkcode ProvidedNode.networks}. */
  readonly networks?: readonly NodeNetwork[] | undefined;
  /** As {@linkcode ProvidedNode.publicAddress}. */
  readonly publicAddress?: string | undefined;
  /** As {@linkcode ProvidedNode.hostsFile}. */
  readonly hostsFile?: HostsFile | undefined;
  /**
   * Resolves to why it has ended, once it has, or is about to. Called anew after a kill and after a start;
   * that a kill has ended what a start brings up again is no end. Rejects, or never settles, when `signal`
   * aborts.
   */
  ended(signal: AbortSignal): Promise<LossReason>;
  /**
   * Why the agent cannot be reached any more, if more is known by now than its connection says. Without
   * it, `ended` is waited for within a moment.
   */
  explain?(reason: LossReason, signal: AbortSignal): Promise<LossReason>;
  /** What its image is for, if it has one. */
  readonly program?: ImageProgram;
  /** Removes it at once, with all that runs in it. Called again if it fails. */
  remove(): Promise<void>;
  /** Closes the route to it on this side: after `remove`, and when something else has removed it. */
  close?(): Promise<void>;
  /**
   * Ends all that runs in it, as a power cut would; resolves once nothing in it acts any more. `agent` is
   * the one in it; resolves to it if that goes on and is still to be watched, as in a container. Calls
   * `onDown` as soon as the end cannot be averted any more. Without `start` the node is lost then; with it,
   * the files stay.
   */
  kill?(agent: FleetAgent, onDown: () => void): Promise<FleetAgent | void>;
  /**
   * Brings up again what `kill` has ended, with its files and its address. `agent` is the one of before;
   * resolves to the one from now on. Gives up when `signal` aborts: all is then as it was, and `start` may
   * be called again.
   */
  start?(agent: FleetAgent, signal: AbortSignal): Promise<FleetAgent>;
  /** Stops the clock of everything in it. */
  pause?(): Promise<void>;
  /** Lets it go on. */
  resume?(): Promise<void>;
  /** Launches an agent beside it. Rejects, and leaves nothing, when `signal` aborts. */
  readonly launchSidecar?: ((signal: AbortSignal) => Promise<Sidecar>) | undefined;
  /** Why its sidecars cannot be reached at this time, if that is so: it completes "Cannot …: ". */
  readonly sidecarObstacle?: string | undefined;
  /** Asks once for all resources on the same kernel. @default once for this one */
  readonly oncePerKernel?: OncePerKernel | undefined;
  /** As {@linkcode ProvidedNode.missing}. */
  readonly missing?: MissingAbilities | undefined;
  /** Whether its network is not that of a machine as well: then what is done there concerns it alone. */
  readonly ownsNetwork?: boolean | undefined;
  /** The port of TCP at which its agent listens, if it does: no fault of the network concerns that. */
  readonly controlPort?: number | undefined;
  /**
   * Says that its agent is root of a machine of its own: that changes its network without a sidecar.
   * Called while the node is down; resolves, as soon as it is there, to the agent that is the node's after
   * the next start.
   */
  nextAgent?(signal: AbortSignal): Promise<FleetAgent>;
  /** How it gets less of processors' time. */
  readonly cpu?: Limit | undefined;
  /** How it gets less memory. */
  readonly memory?: Limit | undefined;
  /** Which file systems it has alone. */
  readonly fullDisk?: FullDisk | undefined;
  /**
   * As {@linkcode ProvidedNode.openStoredFiles}. `agent` is the latest one; it is of no use if `kill` has
   * ended it. Not called while a kill is under way.
   */
  openStoredFiles?(agent: FleetAgent, signal: AbortSignal): Promise<StoredFiles>;
}
