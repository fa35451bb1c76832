import { agentMemoryRows } from "./rows/agent_memory.ts";
import { agentStartRows } from "./rows/agent_start.ts";
import { commandRows } from "./rows/commands.ts";
import { dockerLaunchRows } from "./rows/docker_launches.ts";
import { faultRows } from "./rows/faults.ts";
import { fileRows } from "./rows/files.ts";
import { launchRows } from "./rows/launches.ts";
import { metricsCostRows } from "./rows/metrics_cost.ts";
import { podCallRows } from "./rows/pod_calls.ts";
import { podLaunchRows } from "./rows/pod_launches.ts";
import { processStreamRows } from "./rows/process_streams.ts";
import { reportPageRows } from "./rows/report_page.ts";
import { shapeRows } from "./rows/shapes.ts";
import { startRows } from "./rows/starts.ts";
import { tunnelRows } from "./rows/tunnels.ts";
import type { Row } from "./row.ts";

/** Everything that is measured, in the order of the table. */
export const rows: readonly Row[] = [
  ...commandRows,
  ...processStreamRows,
  ...fileRows,
  ...tunnelRows,
  ...launchRows,
  ...dockerLaunchRows,
  ...faultRows,
  ...shapeRows,
  ...startRows,
  ...agentStartRows,
  ...agentMemoryRows,
  ...metricsCostRows,
  ...reportPageRows,
  ...podLaunchRows,
  ...podCallRows,
];
