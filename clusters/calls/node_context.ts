import type { Host } from "../../agent/host/host.ts";
import type { Emit } from "../events/mod.ts";
import type { Lifeline } from "./lifeline.ts";
import type { NodeLife } from "./node_life.ts";

/** What calls on a node work with. */
export interface NodeContext {
  readonly name: string;
  readonly backend: string;
  /** The life of the node, until it is lost. */
  readonly nodeLife: NodeLife;
  /** The latest uptime of the node. What is opened on the node keeps the one in which it was opened. */
  readonly life: Lifeline;
  /** Aborts when the test has failed, although its body may go on. */
  readonly testFailed: AbortSignal;
  readonly emit: Emit;
  /** Added to the environment of every process. */
  readonly env: Readonly<Record<string, string>>;
  /** The host that does the work. */
  readonly host: () => Host;
  /** A number that nothing else in the cluster has. */
  readonly nextId: () => number;
}
