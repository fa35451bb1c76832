import { fileOperations } from "./file_operations.ts";
import { metricsOperations } from "./metrics_operations.ts";
import { networkOperations } from "./network_operations.ts";
import { machineOperations } from "./machine_operations.ts";
import type { Operation } from "./operation.ts";
import { packetOperations } from "./packet_operations.ts";
import { processOperations } from "./process_operations.ts";

/** Everything that a runner can ask for, by name. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ...Object.entries(fileOperations),
  ...Object.entries(processOperations),
  ...Object.entries(networkOperations),
  ...Object.entries(packetOperations),
  ...Object.entries(machineOperations),
  ...Object.entries(metricsOperations),
]);
