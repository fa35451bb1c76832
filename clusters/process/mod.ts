/**
 * Commands and processes on nodes.
 *
 * @module
 */
export { checkEnvironment, RUN_KINDS } from "./command.ts";
export type { CommandResult, RunOptions, SpawnOptions } from "./command.ts";
export { NodeOutputs } from "./node_outputs.ts";
export { Process, spawnProcess } from "./process.ts";
export type { ProcessContext } from "./process_context.ts";
export { runCommand } from "./run_command.ts";
