/**
 * Commands and processes on nodes.
 *
 * @module
 */
export { checkEnvironment } from "./check_environment.ts";
export type { CommandResult } from "./command_result.ts";
export { EssentialProcesses } from "./essential_processes.ts";
export { NodeOutputs } from "./node_outputs.ts";
export { outcomeOf, Process } from "./process.ts";
export type { ProcessContext } from "./process_context.ts";
export type { ProcessOutcome } from "./process_outcome.ts";
export { processSpec, withEnvironment } from "./process_spec.ts";
export { runCommand } from "./run_command.ts";
export { RUN_KINDS } from "./run_options.ts";
export type { RunOptions } from "./run_options.ts";
export type { SpawnOptions } from "./spawn_options.ts";
export { SPAWN_KINDS } from "./spawn_options.ts";
export { spawnProcess } from "./spawn_process.ts";
export type { LinesOptions } from "./process_lines.ts";
export type { WaitForOutputOptions } from "./wait_for_output.ts";
