import { dirname } from "node:path";
import { type Backend, Cluster } from "../../../mod.ts";
import { local } from "../../local/mod.ts";
import { loopback } from "../../loopback/mod.ts";
import { awaitState, commandLines } from "./command_lines.ts";

/** What a runner is to do. */
export interface RunnerPlan {
  readonly backend: "local" | "loopback";
  /** Takes long, and is in the command line of every process that its node has; no other's. */
  readonly command: string;
  /** How many processes more the node has, each started by a call of its own. @default 0 */
  readonly processes?: number | undefined;
  /** Milliseconds that nodes live without a runner. @default 60000 */
  readonly lease?: number | undefined;
  /** Kill the node once it is busy: it is down then. */
  readonly down?: boolean | undefined;
  /** Fail, with nothing disposed, once the node is busy. */
  readonly fail?: boolean | undefined;
}

/** What a runner says once its node is busy. */
export interface RunnerReport {
  /** The number of the runner. */
  readonly pid: number;
  /** The id of the run. */
  readonly run: string;
  /** The folder of the run. */
  readonly folder: string;
}

/** Where a runner says so, in its current folder. */
export const REPORT_FILE = "report.json";

/** Milliseconds. */
const A_DAY = 24 * 60 * 60 * 1000;

/** How many processes come of it: of the script below, and those that it starts. */
const CLINGING_PROCESSES = 8;

/** Milliseconds that a runner has until its node is busy. */
const START_TIMEOUT = 60_000;

/**
 * Obtains a node, has processes there that do what they can to stay, says so in a file, and
 * then waits for its end. It disposes of nothing.
 */
export async function occupyNode(plan: RunnerPlan): Promise<void> {
  const { backend, command, processes = 0, lease = 60_000, down = false, fail = false } = plan;
  const made: Backend = backend === "local" ? local() : loopback();
  const heartbeat = { interval: lease / 12, timeout: lease };
  const cluster = await Cluster.create(made, { progress: false, heartbeat });
  const node = await cluster.addNode();
  const process = await node.spawn("sh", ["-c", clingingProcesses(command)]);
  const [program, ...args] = command.split(" ");
  for (let i = 0; i < processes; i++) await node.spawn(program!, args);
  const isBusy = (lines: readonly string[]) =>
    lines.length === CLINGING_PROCESSES + processes && !lines.some(isPassing);
  await awaitState(() => commandLines([command]), isBusy, START_TIMEOUT);
  // Tests look for this in the record, and the processes may be there before it has come to the runner.
  await process.waitForOutput("busy", { timeout: START_TIMEOUT });
  if (down) {
    await node.kill();
    await awaitState(() => commandLines([command]), ({ length }) => length === 0, START_TIMEOUT);
  }
  const folder = dirname(dirname(node.rootDir));
  const report: RunnerReport = { pid: Deno.pid, run: folder.split("/").at(-1)!, folder };
  await Deno.writeTextFile(`${REPORT_FILE}.draft`, JSON.stringify(report));
  await Deno.rename(`${REPORT_FILE}.draft`, REPORT_FILE);
  if (fail) throw new Error("The runner fails");
  if (down) await new Promise((resolve) => setTimeout(resolve, A_DAY));
  await process.status;
}

/** Whether that process only starts another one, and ends. */
function isPassing(line: string): boolean {
  return /^\d+ sh -c setsid /.test(line);
}

/** In the group, outside of it, in a session of their own, without environment, and elsewhere. */
function clingingProcesses(command: string): string {
  const deaf = `trap "" TERM INT HUP; ${command}; exit`;
  return `trap '' TERM INT HUP
    echo busy
    ${command} &
    sh -c '${deaf}' &
    setsid ${command} &
    env -i setsid ${command} &
    (cd / && exec env -i setsid ${command}) &
    sh -c 'setsid ${command} & exit' &
    wait`;
}
