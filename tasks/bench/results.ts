import type { ContenderReport, Report, RowReport } from "./report.ts";
import { CLUSTERTEST } from "./row.ts";
import {
  formatEc2,
  formatGrowth,
  formatPart,
  formatPods,
  formatRatio,
  formatValue,
} from "./table.ts";

/** Everything that was measured, as a page in Markdown. */
export function formatResults({ machine, time, rows, growth, ec2, pods }: Report): string {
  const { os, arch, cores, cpu, deno } = machine;
  return [
    "# What `deno task bench` measured",
    "",
    `On ${time.slice(0, 10)}: ${os} on ${arch}, ${cores} cores (${cpu}), Deno ${deno}. Numbers are`,
    "medians; a ratio says how many times better clustertest is than that peer, in the same run.",
    "",
    "| What | clustertest | Others | Goals |",
    "| ---- | ----------- | ------ | ----- |",
    ...rows.map(rowLine),
    "",
    ...!("absent" in growth) && growth.length === 0
      ? []
      : block("Growth, with simulated agents", formatPart("growth", growth, formatGrowth)),
    ...ec2 === null
      ? []
      : block("EC2, with simulated instances", formatPart("ec2", ec2, formatEc2)),
    ...pods === null
      ? []
      : block("Kubernetes, with simulated machines", formatPart("pods", pods, formatPods)),
  ].join("\n");
}

function rowLine({ title, unit, contenders, absent, goals }: RowReport): string {
  const ours = contenders.find(({ name }) => name === CLUSTERTEST);
  const measured = contenders.filter(({ name }) => name !== CLUSTERTEST).map(
    ({ name, median, ratio }: ContenderReport) =>
      `${name} ${formatValue(median, unit)}${ratio === null ? "" : ` (${formatRatio(ratio)})`}`,
  );
  const missing = absent.map(({ name, reason }) => `${name}: not measured, ${reason}`);
  const cells = [
    title,
    ours === undefined ? "" : formatValue(ours.median, unit),
    [...measured, ...missing].join("<br>"),
    goals.map(({ text, met }) => `${mark(met)} ${text}`).join("<br>"),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function mark(met: boolean | null): string {
  if (met === null) return "?";
  return met ? "✓" : "✗";
}

function block(title: string, text: string): string[] {
  return [`## ${title}`, "", "```text", text, "```", ""];
}
