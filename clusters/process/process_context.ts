import type { NodeContext } from "../calls/mod.ts";
import type { EssentialProcesses } from "./essential_processes.ts";
import type { NodeOutputs } from "./node_outputs.ts";

/** What calls about processes need to know of their node. */
export interface ProcessContext extends NodeContext {
  /** What its processes write, on its way into the record. */
  readonly outputs: NodeOutputs;
  /** Those whose end fails the test. */
  readonly essential: EssentialProcesses;
}
