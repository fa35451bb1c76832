import type { Ec2Report } from "./ec2/ec2_report.ts";
import type { GrowthPoint } from "./growth/growth_point.ts";
import type { Absent, ContenderReport, RowReport } from "./report.ts";
import type { PodsPoint } from "./pods/pods_point.ts";
import type { Unit } from "./row.ts";

/** A row as lines of the terminal's table: ours, then every peer with the ratio to it. */
export function formatRow({ title, unit, contenders, absent, goals }: RowReport): string {
  const lines = contenders.map((contender) => formatContender(contender, unit));
  const missing = absent.map(({ name, reason }) => `  ${name.padEnd(22)}not measured: ${reason}`);
  const marks = goals.map(({ text, met }) => `${mark(met)} ${text}`);
  const goalLine = marks.length === 0 ? [] : [`  ${marks.join("   ")}`];
  return [title, ...lines, ...missing, ...goalLine].join("\n");
}

function formatContender(
  { name, median, p99, ratio }: ContenderReport,
  unit: Unit,
): string {
  const value = formatValue(median, unit).padStart(12);
  const worst = unit === "ms" ? `   p99 ${formatValue(p99, unit).padStart(10)}` : " ".repeat(17);
  const compared = ratio === null ? "" : `   ${formatRatio(ratio)}`;
  return `  ${name.padEnd(22)}${value}${worst}${compared}`.trimEnd();
}

/** A number with as many digits as it is known with. */
export function formatValue(value: number, unit: Unit): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

/** A ratio as a reader takes it: `2.1× ahead`. */
export function formatRatio(ratio: number): string {
  const times = ratio >= 1 ? ratio : 1 / ratio;
  const digits = times < 10 ? 2 : times < 100 ? 1 : 0;
  return `${times.toFixed(digits)}× ${ratio >= 1 ? "ahead" : "behind"}`;
}

function mark(met: boolean | null): string {
  if (met === null) return "[?]";
  return met ? "[x]" : "[ ]";
}

/** What was measured besides rows, by one of the functions below, or why it was not. */
export function formatPart<T extends object>(
  name: string,
  part: T | Absent,
  format: (part: T) => string,
): string {
  return isAbsent(part) ? `${name}: not measured: ${part.absent}` : format(part);
}

function isAbsent(part: object): part is Absent {
  return "absent" in part;
}

/** How cost grows, as a table, and what the largest cluster is expected to cost at most. */
export function formatGrowth(points: readonly GrowthPoint[]): string {
  const header = ["nodes", "connect", "fan-out", "heartbeats", "memory", "per node"];
  const cells = points.map((point) => [
    point.nodes.toLocaleString("en"),
    formatValue(point.connect, "ms"),
    formatValue(point.fanOut, "ms"),
    `${point.heartbeatCpu.toFixed(1)} % CPU`,
    formatValue(point.memory, "MB"),
    point.memoryPerNode === null ? "" : formatValue(point.memoryPerNode, "MB"),
  ]);
  const largest = points.at(-1);
  return [...columns([header, ...cells]), ...(largest ? [growthGoals(largest)] : [])].join("\n");
}

function columns(lines: readonly (readonly string[])[]): string[] {
  return lines.map((line) => line.map((cell) => cell.padStart(12)).join(""));
}

function growthGoals({ fanOut, heartbeatCpu, memoryPerNode }: GrowthPoint): string {
  return [
    `${mark(fanOut < 2000)} fan-out < 2 s`,
    `${mark(heartbeatCpu < 5)} heartbeats < 5 % of a core`,
    `${mark(memoryPerNode === null ? null : memoryPerNode < 1)} < 1 MB per node`,
  ].map((goal) => `  ${goal}`).join(" ");
}

/** What instances take, as a table, what every launch has, and what it costs to have none. */
export function formatEc2({ points, userData, agents, together, idle }: Ec2Report): string {
  const header = ["instances", "AWS calls", "and looks", "launch", "CPU each", "memory"];
  const cells = points.map((point) => [
    point.nodes.toLocaleString("en"),
    `${point.calls}`,
    `${point.looks}`,
    formatValue(point.launch, "ms"),
    formatValue(point.cpuPerNode, "ms"),
    formatValue(point.memory, "MB"),
  ]);
  const sizes = agents.map(({ target, bytes }) => `  agent for ${target}: ${megabytes(bytes)}`);
  const userDataLine = `  user data: ${userData.toLocaleString("en")} bytes of 16,384`;
  const lines = [formatTogether(together), userDataLine, ...sizes, formatIdle(idle)];
  return [...columns([header, ...cells]), ...lines].join("\n");
}

/** What pods take, as a table. */
export function formatPods(points: readonly PodsPoint[]): string {
  const header = ["pods", "API calls", "each", "launch", "disposal", "CPU each", "memory"];
  const cells = points.map(({ nodes, calls, launch, dispose, cpuPerNode, memory }) => [
    nodes.toLocaleString("en"),
    `${calls}`,
    (calls / nodes).toFixed(1),
    formatValue(launch, "ms"),
    formatValue(dispose, "ms"),
    formatValue(cpuPerNode, "ms"),
    formatValue(memory, "MB"),
  ]);
  return columns([header, ...cells]).join("\n");
}

/** More of them may take longer by what the runner does for each, which is little. */
function formatTogether({ nodes, boot, one, all }: Ec2Report["together"]): string {
  const ratio = all / one;
  return `  ${nodes} that boot for ${boot / 1000} s each: ${ratio.toFixed(2)}× as long as one   ` +
    `${mark(ratio < 1.5)} < 1.5×`;
}

function formatIdle({ hourly, resources }: Ec2Report["idle"]): string {
  return `  the stack at rest, ${resources} resources: $${hourly} per hour`;
}

function megabytes(bytes: number): string {
  return `${formatValue(bytes / 1e6, "MB")}, sent once`;
}
