import type { Host } from "../../agent/host/host.ts";
import type { Emit } from "../events/mod.ts";
import type { Lifeline } from "./lifeline.ts";
import type { NodeLife } from "./node_life.ts";

/** What every call on a node needs to know of it. */
export interface NodeContext {
  readonly name: string;
  readonly backend: string;
  /** The node's, until it is lost. */
  readonly nodeLife: NodeLife;
  /** The latest time that the node is up: what is opened keeps the one in which it was. */
  readonly life: Lifeline;
  /** Aborts when the test has failed although it goes on; its reason is why. */
  readonly testFailed: AbortSignal;
  readonly emit: Emit;
  /** Added to the environment of every process. */
  readonly env: Readonly<Record<string, string>>;
  /** The host that does the work. */
  readonly host: () => Host;
  /** A number that nothing else in the cluster has. */
  readonly nextId: () => number;
}
