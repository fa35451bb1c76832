/**
 * Everything that happens in a cluster is an event, on one stream.
 *
 * @module
 */

import type { FaultEvent } from "./fault_events.ts";

export type {
  FaultCheck,
  FaultEvent,
  FaultMeasurement,
  FaultProof,
  MachineCheck,
  ProbeProtocol,
} from "./fault_events.ts";

/** What every event carries. */
export interface EventBase {
  /** Milliseconds since the epoch, on the runner's clock. */
  readonly time: number;
  /** The id of the cluster. */
  readonly cluster: string;
}

/** What happened. */
export type ClusterEvent = EventBase & EventDetail;

/** The kinds of events and what each says. */
export type EventDetail =
  | { readonly type: "cluster-created"; readonly backend: string; readonly name: string }
  | { readonly type: "cluster-disposed"; readonly errors: readonly string[] }
  | CostEstimate & { readonly type: "cost-estimated" }
  | CostSum & { readonly type: "cost-incurred" }
  /** Something that harms no test, and that the author of the test should know of. */
  | { readonly type: "warning"; readonly message: string }
  /** What the test says of itself. */
  | { readonly type: "note"; readonly text: string }
  | Measure & { readonly type: "measure" }
  | StepEvent & Placed & { readonly type: "step-started" }
  | StepEvent & Ending & { readonly type: "step-ended" }
  /** It stays as it is, so that somebody can look in. */
  | { readonly type: "cluster-held"; readonly text: string }
  | { readonly type: "cluster-released"; readonly reason: string }
  /** A test begins that has told of itself, by `clusterTest`: a cluster may be shared by several. */
  | { readonly type: "test-started"; readonly test: string }
  | TestResult & { readonly type: "test-ended" }
  /** The report of a run in which a test has failed was written: the path of a file. */
  | { readonly type: "report-written"; readonly report: string }
  /** What a test wants to keep of a node's files was brought into its record. */
  | NodeEvent & CollectedArtifacts & { readonly type: "artifacts-collected" }
  /** How the agents of nodes are reached from now on, where there is a choice; TLS has a reason. */
  | { readonly type: "control-route"; readonly by: "sockets" }
  | { readonly type: "control-route"; readonly by: "tls"; readonly reason: string }
  | { readonly type: "nodes-requested"; readonly names: readonly string[] }
  | { readonly type: "nodes-failed"; readonly names: readonly string[]; readonly error: string }
  | NodeEvent & {
    readonly type: "node-ready";
    readonly id: string;
    readonly address: string;
    /** Of a composed backend: the name of the member whose node it is. */
    readonly member?: string;
  }
  | NodeEvent & { readonly type: "node-lost"; readonly reason: string }
  /** The test has killed it: from now on, what is under way there fails, until `node-up`. */
  | NodeEvent & { readonly type: "node-down" }
  | NodeEvent & { readonly type: "node-up" }
  | NodeEvent & { readonly type: "node-stopped"; readonly how: "stopped" | "destroyed" }
  /** What a test has done to a node as a whole: emitted once it is done, or has failed. */
  | NodeEvent & Ending & { readonly type: NodeActionType }
  /** What is known of the node's clock, as its lease replies show it. */
  | NodeEvent & NodeClock & { readonly type: "node-clock" }
  | NodeEvent & CommandEvent & CommandStart & Placed & { readonly type: "command-started" }
  | NodeEvent & CommandEvent & CommandEnd & {
    readonly type: "command-ended";
    /** The test has asked for its end, as by `process.kill()`; not: by what kills its node. */
    readonly requested?: true | undefined;
  }
  /** What a test has done to a process: emitted once it is done, or has failed. */
  | NodeEvent & CommandEvent & Ending & { readonly type: ProcessActionType }
  /** A process has ended without which the test means nothing, and that nobody asked to end. */
  | NodeEvent & CommandEvent & CommandEnd & { readonly type: "essential-process-ended" }
  /** Content of files has gone to a node or come from it, or failed on its way. */
  | NodeEvent & TransferEvent & Ending & { readonly type: "content-moved" }
  /** The test waits for a service, or for what a process says: `node.waitForPort(80)`. */
  | NodeEvent & Placed & { readonly type: "wait-started"; readonly call: string }
  | NodeEvent & Ending & {
    readonly type: "wait-ended";
    readonly call: string;
    /** How often it was tried, or looked at. */
    readonly tries: number;
  }
  /** About the node where it begins. */
  | NodeEvent & { readonly type: "link-opened" } & LinkEvent & LinkWay
  | NodeEvent & { readonly type: "link-closed" } & LinkEvent
  | NodeEvent & { readonly type: "tunnel-opened"; readonly tunnel: string; readonly target: string }
  | NodeEvent & { readonly type: "tunnel-closed"; readonly tunnel: string; readonly error?: string }
  /** A fault is there, or could not be made. */
  | FaultEvent & Ending & { readonly type: "fault-injected" }
  /** A fault is gone, or could not be shown to be. */
  | FaultEvent & Ending & { readonly type: "fault-healed" }
  | WorkEvent & { readonly type: "work-started" }
  | WorkEvent & { readonly type: "work-progress" }
  | WorkEvent & { readonly type: "work-ended"; readonly error?: string };

/** About what the test's own code has begun. */
export interface Placed {
  /**
   * The lines of that code, as in `/tests/store_test.ts:70:5`, the innermost one first, then what has called
   * it: a few of them; none if its stack does not tell.
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

/** About a part of a test that it has named. Steps may be within others, and beside them. */
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
  /** What became of it. */
  readonly verdict: "passed" | "failed" | "skipped";
  /** Milliseconds from the moment at which its cluster was there. */
  readonly elapsed: number;
  /** Why it failed: the name of the error and its message. */
  readonly error?: string | undefined;
  /**
   * If a wait took too long: the processes that ran on its node, and what they wrote last, a line each.
   * None where the error has that.
   */
  readonly running?: readonly string[] | undefined;
  /** Where all of it is recorded: the path of a folder. */
  readonly record?: string | undefined;
}

/** Which files of a node were collected. */
export interface CollectedArtifacts {
  /** Where they are: the path of a folder. */
  readonly folder: string;
  /** How many there are. */
  readonly files: number;
  /** How large they are together. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly elapsed: number;
  /** What could not be collected, or not wholly, and why. */
  readonly errors: readonly string[];
}

/** What is about to be paid for. */
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

/** What a cluster has used. */
export interface CostSum {
  /** How many there were. */
  readonly instances: number;
  /** Hours of all of them together. */
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

/** The clock of a node. */
export interface NodeClock {
  /** That clock minus the runner's, in milliseconds. */
  readonly offset: number;
  /** Milliseconds by which `offset` may be wrong, until there is another one; not known of old records. */
  readonly error?: number | undefined;
}

/** How something ended of which only the end is an event. */
export interface Ending {
  /** Milliseconds from its start. */
  readonly elapsed: number;
  /** Why it failed; `undefined` if it did not. */
  readonly error?: string | undefined;
}

/** What may be done to a node as a whole, for which it needs an ability. */
export type NodeActionType =
  | "node-killed"
  | "node-started"
  | "node-paused"
  | "node-resumed"
  | "node-restarted";

/** What may be done to a process. */
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

/** About content that was moved: what could not be opened is none. */
export interface TransferEvent {
  /** The member of the node; those of text count as those of bytes. */
  readonly member: "readFile" | "writeFile" | "upload" | "download" | "downloadUrl" | "copyTo";
  /** On the node, as the test gave it. */
  readonly path: string;
  /**
   * Where it came from or went to: a path of the runner, a URL without its query, or the name and path
   * of another node, as in `"node2:data"`.
   */
  readonly other?: string | undefined;
  /** How much was moved, as far as that is known: of a folder, its archive. */
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
  /** Who it belongs to, if the test has said that. */
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
  /** Whether the kernel has killed it since it ran out of memory for it, where it tells. */
  readonly outOfMemory?: true | undefined;
  /** Milliseconds. */
  readonly elapsed: number;
  /** The last bytes of each output, decoded. */
  readonly stdout: string;
  /** As `stdout`. */
  readonly stderr: string;
}

/** Something that takes a while: its progress is worth showing. */
export interface WorkEvent extends WorkDetail {
  /** Milliseconds since it began, which may be long before its first event. */
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
