/**
 * Everything that happens in a cluster is an event, on one stream.
 *
 * @module
 */

import type { RecordedOptions } from "../options/mod.ts";
import type { FaultEvent } from "./fault_events.ts";

export type {
  FaultCheck,
  FaultEvent,
  FaultMeasurement,
  FaultProof,
  MachineCheck,
  OpenWay,
  ProbeProtocol,
} from "./fault_events.ts";

/** What every event carries. */
export interface EventBase {
  /** Milliseconds since the epoch, on the runner's clock. */
  readonly time: number;
  /** The id of the cluster. */
  readonly cluster: string;
}

/** Something that happened in a cluster. */
export type ClusterEvent = EventBase & EventDetail;

/** All types of events, and what each of them says. */
export type EventDetail =
  | { readonly type: "cluster-created"; readonly backend: string; readonly name: string }
  | { readonly type: "cluster-disposed"; readonly errors: readonly string[] }
  | CostEstimate & { readonly type: "cost-estimated" }
  | CostSum & { readonly type: "cost-incurred" }
  /** Something that fails no test, but that its author should know. */
  | { readonly type: "warning"; readonly message: string }
  /** A text that the test has recorded by `cluster.note()`. */
  | { readonly type: "note"; readonly text: string }
  | Measure & { readonly type: "measure" }
  | StepEvent & Placed & { readonly type: "step-started" }
  | StepEvent & Ending & { readonly type: "step-ended" }
  /** The cluster is held as it is, so that it can be inspected. */
  | { readonly type: "cluster-held"; readonly text: string }
  | { readonly type: "cluster-released"; readonly reason: string }
  /** A `clusterTest` begins with this cluster, which several tests may share. */
  | { readonly type: "test-started"; readonly test: string }
  | TestResult & { readonly type: "test-ended" }
  /** The report of the run was written: the path of its file. */
  | { readonly type: "report-written"; readonly report: string }
  /** Artifacts of a node were copied into the record of the run. */
  | NodeEvent & CollectedArtifacts & { readonly type: "artifacts-collected" }
  /** No node of the test has a file that these patterns of its `artifacts` match. */
  | { readonly type: "artifacts-missing"; readonly patterns: readonly string[] }
  /** How agents are reached from now on, where there are two ways; with TLS, why not by sockets. */
  | { readonly type: "control-route"; readonly by: "sockets" }
  | { readonly type: "control-route"; readonly by: "tls"; readonly reason: string }
  | { readonly type: "nodes-requested"; readonly names: readonly string[] }
  | { readonly type: "nodes-failed"; readonly names: readonly string[]; readonly error: string }
  | NodeEvent & NodeTraits & { readonly type: "node-ready" }
  | NodeEvent & { readonly type: "node-lost"; readonly reason: string }
  /** The test has killed it: until `node-up`, what is under way there fails. */
  | NodeEvent & { readonly type: "node-down" }
  | NodeEvent & { readonly type: "node-up" }
  | NodeEvent & { readonly type: "node-stopped"; readonly how: "stopped" | "destroyed" }
  /** An action of the test on a node as a whole: emitted when it is done, or has failed. */
  | NodeEvent & Ending & { readonly type: NodeActionType }
  /** The offset of the node's clock, as measured by its replies to heartbeats. */
  | NodeEvent & NodeClock & { readonly type: "node-clock" }
  | NodeEvent & CommandEvent & CommandStart & Placed & { readonly type: "command-started" }
  | NodeEvent & CommandEvent & CommandEnd & {
    readonly type: "command-ended";
    /** The test has asked for its end, as by `process.kill()`. Killing its node does not count. */
    readonly requested?: true | undefined;
  }
  /** An action of the test on a process: emitted when it is done, or has failed. */
  | NodeEvent & CommandEvent & Ending & { readonly type: ProcessActionType }
  /** An essential process has ended, and the test has not asked for that. */
  | NodeEvent & CommandEvent & CommandEnd & { readonly type: "essential-process-ended" }
  /** Content of files was moved to or from a node, or the transfer has failed. */
  | NodeEvent & TransferEvent & Ending & { readonly type: "content-moved" }
  /**
   * The test waits for a service or an output, as by `node.waitForPort(80)`, or by `eventually()`, once its
   * check has made a call on a node of the cluster.
   */
  | WaitEvent & Placed & {
    readonly type: "wait-started";
    /** Milliseconds after which it fails; `Infinity` for never, which is `null` in a record. */
    readonly timeout?: number | undefined;
  }
  | WaitEvent & Ending & {
    readonly type: "wait-ended";
    /** How often it was tried; for an output, how many parts were searched. */
    readonly tries: number;
  }
  /** A link was opened; `node` is the one that connects. */
  | NodeEvent & { readonly type: "link-opened" } & LinkEvent & LinkWay
  | NodeEvent & { readonly type: "link-closed" } & LinkEvent
  | NodeEvent & { readonly type: "tunnel-opened"; readonly tunnel: string; readonly target: string }
  | NodeEvent & { readonly type: "tunnel-closed"; readonly tunnel: string; readonly error?: string }
  /** A fault was injected, or that has failed. */
  | FaultEvent & Ending & {
    readonly type: "fault-injected";
    /** With the same one, what is left to chance happens again; absent where nothing is. */
    readonly seed?: number | undefined;
  }
  /** A fault was healed, or that could not be proved. */
  | FaultEvent & Ending & { readonly type: "fault-healed" }
  | WorkEvent & { readonly type: "work-started" }
  | WorkEvent & { readonly type: "work-progress" }
  | WorkEvent & { readonly type: "work-ended"; readonly error?: string };

/** What events of waits say. */
export interface WaitEvent {
  /** The name of the node; absent when the wait may concern any, as that of `eventually()`. */
  readonly node?: string | undefined;
  /** As errors name it: `node.waitForPort(80)`. */
  readonly call: string;
}

/** The lines of the test that have begun something. */
export interface Placed {
  /**
   * At most a few lines of the author's code, as in `/tests/store_test.ts:70:5`: the one that made the call,
   * then its callers. None if the stack does not tell.
   */
  readonly places?: readonly string[] | undefined;
}

/** A number that a test has measured. */
export interface Measure {
  /** What was measured, as in `"latency of a write"`. */
  readonly name: string;
  /** Finite. */
  readonly value: number;
  /** What it counts, as in `"ms"`. */
  readonly unit?: string | undefined;
  /** The name of the node that it is about. */
  readonly node?: string | undefined;
}

/** About a named part of a test. Steps may be nested, and several may go on at once. */
export interface StepEvent {
  /** Unique in its cluster. */
  readonly step: string;
  /** As the test calls it. */
  readonly name: string;
}

/** How a test has ended, before its cluster is disposed of. */
export interface TestResult {
  /** Its name, as its framework gives it. */
  readonly test: string;
  /** The result of the test. */
  readonly verdict: "passed" | "failed" | "skipped";
  /** Milliseconds from the moment at which its cluster was there. */
  readonly elapsed: number;
  /** Why it failed: the name of the error and its message. */
  readonly error?: string | undefined;
  /**
   * If a wait took too long: the processes that ran on its node, and their last lines of output, a line
   * each. Absent if the error says so already.
   */
  readonly running?: readonly string[] | undefined;
  /** The path of the folder with the record. */
  readonly record?: string | undefined;
}

/** Which files of a node were collected. */
export interface CollectedArtifacts {
  /** The path of the folder that they are in. */
  readonly folder: string;
  /** How many there are. */
  readonly files: number;
  /** How large they are together. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly elapsed: number;
  /** The files that could not be collected, or only in part, and why. */
  readonly errors: readonly string[];
}

/** What instances that are being launched will cost. */
export interface CostEstimate {
  /** How many. */
  readonly instances: number;
  /** The provider's name for their type, as in `"t3.small"`. */
  readonly instanceType: string;
  /** Dollars per hour for all of them, roughly; `undefined` when that is not known. */
  readonly hourly: number | undefined;
  /** Day of the price list that this is from, as in `"2026-11-27"`; none when the test gave the price. */
  readonly priceListDate: string | undefined;
}

/** What the instances of a cluster have cost. */
export interface CostSum {
  /** How many there were. */
  readonly instances: number;
  /** Hours that they ran, in sum. */
  readonly hours: number;
  /** Dollars, roughly; `undefined` when that is not known. */
  readonly cost: number | undefined;
  /** As {@linkcode CostEstimate.priceListDate}: also when only some of the prices are from the list. */
  readonly priceListDate: string | undefined;
}

/** About one node. */
export interface NodeEvent {
  /** The name of the node. */
  readonly node: string;
}

/** What a node is, from the moment that it is ready. */
export interface NodeTraits {
  /** As its backend calls it. */
  readonly id: string;
  /** Where other nodes reach it. */
  readonly address: string;
  /** On a composed backend: the name of the member that the node belongs to. */
  readonly member?: string | undefined;
  /**
   * The options that the test has given it besides those of its backend, which they override; without
   * secrets: of `env` the names.
   */
  readonly options?: RecordedOptions | undefined;
}

/** The clock of a node. */
export interface NodeClock {
  /** That clock minus the runner's, in milliseconds. */
  readonly offset: number;
  /** Milliseconds by which `offset` may be wrong, until there is another one; not known of old records. */
  readonly error?: number | undefined;
}

/** How something ended. */
export interface Ending {
  /** Milliseconds from its start. */
  readonly elapsed: number;
  /** Why it failed; `undefined` if it did not. */
  readonly error?: string | undefined;
}

/** The actions on a node as a whole, for which it needs an ability. */
export type NodeActionType =
  | "node-killed"
  | "node-started"
  | "node-paused"
  | "node-resumed"
  | "node-restarted";

/** The actions on a process. */
export type ProcessActionType = "process-paused" | "process-resumed";

/** About a link from a node to another one. */
export interface LinkEvent {
  /** Unique in its cluster. */
  readonly link: string;
  /** The node where the service is. */
  readonly to: string;
}

/** Where a node finds the service of another one. */
export interface LinkWay {
  /** The port of the service, on its node. */
  readonly targetPort: number;
  /** The address at which the first node finds it. */
  readonly hostname: string;
  /** The port there. */
  readonly port: number;
  /** In a network that both are in, at a public address, or through the test's process. */
  readonly by: "network" | "public" | "relay";
}

/** About a transfer of content. A file that could not be opened is no transfer. */
export interface TransferEvent {
  /** The member of the node that was called; `readTextFile` is `readFile`, and so on. */
  readonly member: "readFile" | "writeFile" | "upload" | "download" | "downloadUrl" | "copyTo";
  /** The path on the node, as the test gave it. */
  readonly path: string;
  /**
   * Where it came from or went to: a path of the runner, a URL without its query, or the name and path
   * of another node, as in `"node2:data"`.
   */
  readonly other?: string | undefined;
  /** Bytes that were moved, as far as that is known; for a folder, those of its archive. */
  readonly bytes: number;
}

/** About one command. */
export interface CommandEvent {
  /** Unique in its cluster. */
  readonly process: string;
  /** The command and its arguments. */
  readonly command: readonly string[];
}

/** How a command was started. */
export interface CommandStart {
  /** Its number on the node. */
  readonly pid: number;
  /** The user that it runs as, if the test has named one. */
  readonly user?: string | undefined;
  /** The names of the variables that the test has set for it: their values may be secrets. */
  readonly env?: readonly string[] | undefined;
}

/** How a command ended. */
export interface CommandEnd {
  /** The exit code; `null` when that is not known. */
  readonly code: number | null;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: string | null;
  /** True when the kernel's OOM killer ended it, as far as the node's control group tells. */
  readonly outOfMemory?: true | undefined;
  /** Milliseconds. */
  readonly elapsed: number;
  /** The last part of its standard output. */
  readonly stdout: string;
  /** The last part of its standard error. */
  readonly stderr: string;
}

/** About long work, whose progress is shown. */
export interface WorkEvent extends WorkDetail {
  /** Milliseconds since it began: its first event may come later. */
  readonly elapsed: number;
}

/** What is known of work from its start. */
export interface WorkDetail {
  /** Unique in its cluster. */
  readonly work: string;
  /** What sort of work. */
  readonly kind: "build" | "pull" | "launch" | "transfer" | "dispose";
  /** Names it in a line of progress: "building the agent for x86_64". */
  readonly label: string;
  /** How much is done, in `unit`. */
  readonly done?: number | undefined;
  /** How much there is to do, if that is known. */
  readonly total?: number | undefined;
  /** What `done` and `total` count. */
  readonly unit?: "bytes" | "nodes" | "steps" | undefined;
}

/** Puts an event on the stream; time and cluster are filled in. */
export type Emit = (event: EventDetail) => void;
