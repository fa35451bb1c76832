/**
 * Commands and processes on nodes.
 *
 * @module
 */
export { joined } from "./collected_output.ts";
export { checkEnvironment } from "./command.ts";
export type { CommandResult, RunOptions, SpawnOptions } from "./command.ts";
export { Process, spawnProcess } from "./process.ts";
export { runCommand } from "./run_command.ts";
