import type { RecordedOutput } from "./recorded_output.ts";
import type { OutputIdentity } from "./output_identity.ts";
import { RecordError } from "./record_error.ts";
import type { RecordedRun } from "./recorded_run.ts";

/** Whose outputs are asked for. */
export interface OutputSelection {
  /** A name, or `<cluster>/<name>` with the name, the id or the folder of a cluster. @default all */
  readonly node?: string | undefined;
  /** A number, a command, or `<number>-<command>`: all that have it. @default all */
  readonly process?: string | undefined;
}

/** A node of a cluster that is in the record. */
interface RecordedNode {
  /** The folder of its cluster. */
  readonly cluster: string;
  readonly name: string;
  /** What its cluster may be called. */
  readonly clusterNames: readonly string[];
}

/** Whether an output is one of those that are asked for. */
export type IsSelected = (source: OutputIdentity) => boolean;

/**
 * Tells which outputs are asked for, of those that are there and of later ones. Throws a
 * {@linkcode RecordError} with a list of what there is when nothing has such a name, or nodes of
 * several clusters have it. A command that a node has run again is the same name.
 */
export function selectOutputs(
  run: RecordedRun,
  outputs: readonly RecordedOutput[],
  { node, process }: OutputSelection,
): IsSelected {
  const isOfNode = node === undefined ? () => true : selectNode(nodesOf(run, outputs), node);
  if (process === undefined) return isOfNode;
  const sources = outputs.map(({ source }) => source).filter(isOfNode);
  if (!sources.some((source) => hasName(source, process))) {
    throw new RecordError(missingProcess(sources, { node, process }));
  }
  return (source) => isOfNode(source) && hasName(source, process);
}

function selectNode(nodes: readonly RecordedNode[], asked: string): IsSelected {
  const { cluster, name } = chooseNode(nodes, asked);
  return (source) => source.cluster === cluster && source.node === name;
}

function hasName(source: OutputIdentity, process: string): boolean {
  return [`${source.number}`, source.command, processName(source)].includes(process);
}

function nodesOf({ index }: RecordedRun, outputs: readonly RecordedOutput[]): RecordedNode[] {
  const recorded = index.clusters.flatMap(({ id, name, folder, nodes }) =>
    nodes.map((node) => ({ cluster: folder, name: node.name, clusterNames: [id, name, folder] }))
  );
  // A run that goes on may have more by now.
  const others = outputs.map(({ source: { cluster, node } }) => ({
    ...{ cluster, name: node },
    clusterNames: [cluster, ...cluster.split(/-(?=[0-9a-f]+$)/)],
  }));
  const byPlace = [...others, ...recorded].map((node) => [pathOf(node), node] as const);
  return [...new Map(byPlace).values()].sort((a, b) => pathOf(a) < pathOf(b) ? -1 : 1);
}

function chooseNode(nodes: readonly RecordedNode[], asked: string): RecordedNode {
  const slash = asked.lastIndexOf("/");
  const [cluster, name] = slash < 0 ? [undefined, asked] : [
    asked.slice(0, slash),
    asked.slice(slash + 1),
  ];
  const found = nodes.filter((node) =>
    node.name === name && (cluster === undefined || node.clusterNames.includes(cluster))
  );
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new RecordError(
      `Cannot choose a node "${asked}": there is one in several clusters; name one of:${
        listOf(found.map(pathOf))
      }`,
    );
  }
  const list = nodes.length === 0 ? "the run has none" : `there are:${listOf(nodes.map(pathOf))}`;
  throw new RecordError(`Cannot find a node "${asked}": ${list}`);
}

/** The processes of all nodes may be thousands, so they are listed by their commands. */
function missingProcess(
  sources: readonly OutputIdentity[],
  { node, process }: { node: string | undefined; process: string },
): string {
  const place = node === undefined ? "" : ` on node "${node}"`;
  const names = node === undefined
    ? [...new Set(sources.map(({ command }) => command))].sort()
    : processNames(sources);
  const list = names.length === 0
    ? "no process wrote anything there"
    : `there are:${listOf(names)}`;
  return `Cannot find a process "${process}" that wrote something${place}: ${list}`;
}

/** The number and the command of a process, as its files are named. */
export function processName({ number, command }: OutputIdentity): string {
  return `${number}-${command}`;
}

/** In the order in which they were started; each once, though it has two outputs. */
function processNames(sources: readonly OutputIdentity[]): string[] {
  const inOrder = [...sources].sort((a, b) => a.number - b.number);
  return [...new Set(inOrder.map(processName))];
}

function pathOf({ cluster, name }: RecordedNode): string {
  return `${cluster}/${name}`;
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\n  ${name}`).join("");
}
