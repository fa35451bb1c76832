import type { NodeContext } from "../calls/mod.ts";
import type { NodeOutputs } from "./node_outputs.ts";

/** What everything that is done with processes on a node needs to know of it. */
export interface ProcessContext extends NodeContext {
  /** What its processes write, on its way into the record. */
  readonly outputs: NodeOutputs;
}
