/**
 * What a test does to networks and machines, and how it is proved.
 *
 * @module
 */
export { Fault } from "./fault.ts";
export type { FaultDirection, FaultOptions, FaultSide, PacketProtocol } from "./fault_options.ts";
export type { FullDiskOptions, MachineFaultOptions } from "./machine_options.ts";
export { FaultProofError } from "./fault_proof.ts";
export { Faults } from "./faults.ts";
export type { JitterDistribution, ShapeOptions } from "./shape_options.ts";
export { prepareFaults } from "./prepare_faults.ts";
export type { Preparation } from "./prepare_faults.ts";
export type { FaultSurroundings } from "./fault_context.ts";
