import { type Cluster, type ClusterInsides, insidesOf as clusterInsides } from "../cluster/mod.ts";
import { commandText, TimeoutError } from "../errors.ts";
import { lastLines, type RunningCommand } from "../events/mod.ts";
import { insidesOf as nodeInsides, type Node } from "../node/mod.ts";
import { partsOf } from "./consequence.ts";

/** Calls and processes that are listed of a node, and nodes of which they are. */
const [ENTRIES, NODES] = [6, 12];

/** Lines of each output of a process. */
const OUTPUT_LINES = 3;

/** Characters of a command that a line has. */
const MAX_COMMAND = 80;

/**
 * What is under way in a cluster, a line each: calls on nodes, processes with the last lines of what they
 * wrote, nodes that are being added. At most as much as somebody reads.
 */
export async function ongoingLines(cluster: Cluster<never>): Promise<string[]> {
  const { activity, record, allNodes } = clusterInsides(cluster);
  await Promise.all(allNodes.map((node) => nodeInsides(node).flushOutputs()));
  const { requestedNodes, work, commands } = activity;
  const added = requestedNodes.length > 0 ? [`adding ${requestedNodes.join(", ")}`] : [];
  const groups = allNodes.map((node) => linesOfNode(node, commands, record))
    .filter((lines) => lines.length > 0);
  const more = groups.length - NODES;
  return [
    ...[...added, ...work].map(shortened),
    ...groups.slice(0, NODES).flat(),
    ...more > 0 ? [`and on ${more} more nodes`] : [],
  ];
}

/**
 * The processes that run where a wait took too long, if `failures` have such a wait, with the last lines of
 * what they wrote; none if the error of the wait has that of the process that it was for.
 */
export function linesOfWaits(cluster: Cluster<never>, failures: readonly unknown[]): string[] {
  const { activity: { commands }, record } = clusterInsides(cluster);
  const waits = failures.flatMap((each) => [each, ...partsOf(each)])
    .filter((each) => each instanceof TimeoutError);
  const isTold = ({ message }: TimeoutError) =>
    commands.some(({ command }) => message.includes(commandText(command)));
  const nodes = new Set(waits.filter((wait) => !isTold(wait)).map(({ node }) => node));
  return commands.filter(({ node }) => nodes.has(node)).slice(0, ENTRIES)
    .flatMap((command) => processLines(command, record));
}

function linesOfNode(
  node: Node,
  commands: readonly RunningCommand[],
  record: ClusterInsides["record"],
): string[] {
  const calls = nodeInsides(node).callsInFlight.map(({ call, started }) =>
    `${node.name}: ${shortened(call.name)} for ${seconds(performance.now() - started)}`
  );
  const processes = commands.filter((command) => command.node === node.name)
    .map((command) => processLines(command, record));
  const entries = [...calls.map((call) => [call]), ...processes];
  const more = entries.length - ENTRIES;
  return [
    ...entries.slice(0, ENTRIES).flat(),
    ...more > 0 ? [`${node.name}: and ${more} more`] : [],
  ];
}

function processLines(
  { node, process, command, started }: RunningCommand,
  record: ClusterInsides["record"],
): string[] {
  const number = Number(process.slice("process".length));
  const tails = (["stdout", "stderr"] as const).flatMap((output) =>
    lastLines(record.tailOf(number, output), { count: OUTPUT_LINES })
  );
  const age = seconds(Date.now() - started);
  const title = `${node}: \`${shortened(command.join(" "))}\` runs for ${age}`;
  return [title, ...tails.map((line) => `  | ${line}`)];
}

function seconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
}

/** On one line, whatever is in it. */
function shortened(text: string): string {
  const line = lastLines(text.replaceAll("\n", " "), { count: 1 })[0] ?? "";
  return line.length > MAX_COMMAND ? `${line.slice(0, MAX_COMMAND - 1)}…` : line;
}
