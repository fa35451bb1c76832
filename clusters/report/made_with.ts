import type { RecordedOptions } from "../options/mod.ts";
import type { ClusterEntry, FaultSeed, RecordedBackend, RecordedNode } from "../record/mod.ts";
import { listOf } from "./event_facts.ts";
import type { ReportFact } from "./report_data.ts";

/** Groups of nodes with the same options that are told apart. */
const MAX_GROUPS = 20;

/** Names of a group that are listed. */
const MAX_NAMES = 8;

/** What a cluster was made with. */
export interface MadeWith {
  /** Its backend, or the members of a composed one, each with what was said of it. */
  readonly backends: readonly MadePart[];
  /** Nodes that had options of their own, those with the same ones together. */
  readonly nodes: readonly MadePart[];
  /** Groups of nodes besides those. */
  readonly nodesMore: number;
  /** What its faults left to chance. */
  readonly seeds: readonly FaultSeed[];
}

/** Something with options, each as `name: value`. */
export interface MadePart {
  readonly name: string;
  readonly options: readonly string[];
}

/** What the index says of how a cluster was made; it may be damaged. */
export function madeWith({ backend, nodes, seeds }: ClusterEntry): MadeWith {
  const groups = groupsOf(nodes);
  return {
    backends: membersOf(backend).map(([member, { name, options }]) => ({
      name: member === undefined ? name : `${member}: ${name}`,
      options: optionTexts(options),
    })),
    nodes: groups.slice(0, MAX_GROUPS),
    nodesMore: Math.max(0, groups.length - MAX_GROUPS),
    seeds: listOf<FaultSeed>(seeds),
  };
}

/** The options of a node, and those of what it was made by. */
export function nodeFacts(
  { id, address, member, options }: RecordedNode,
  backend: RecordedBackend,
): ReportFact[] {
  const own = optionTexts(options);
  const [, made] = membersOf(backend).find(([each]) => each === member) ?? [];
  const ofBackend = optionTexts(made?.options);
  const of = member === undefined ? `${made?.name}` : `${made?.name}, as ${member}`;
  return [
    ...made ? [["backend", of] as const] : [],
    ...[["id", `${id}`] as const, ["address", `${address}`] as const],
    ...own.length > 0 ? [["its options", own.join("\n")] as const] : [],
    ...ofBackend.length > 0 ? [["options of the backend", ofBackend.join("\n")] as const] : [],
  ];
}

/** The members of a composed backend by their names, or the one backend without a name. */
function membersOf(
  backend: RecordedBackend,
): (readonly [member: string | undefined, backend: RecordedBackend])[] {
  const { members } = backend;
  return isTable(members)
    ? Object.entries(members as Readonly<Record<string, RecordedBackend>>)
      .filter(([, each]) => isTable(each))
    : [[undefined, backend]];
}

function groupsOf(nodes: readonly RecordedNode[]): MadePart[] {
  const own = nodes.map(({ name, options }) => ({ name, options: optionTexts(options) }));
  const groups = Map.groupBy(own, ({ options }) => options.join("\n"));
  groups.delete("");
  return [...groups.values()].map((group) => ({
    name: namesText(group.map(({ name }) => name)),
    options: group[0]!.options,
  }));
}

function namesText(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Each option in a line; those of tables are JSON. */
function optionTexts(options: RecordedOptions | undefined): string[] {
  if (!isTable(options)) return [];
  return Object.entries(options).map(([name, value]) =>
    `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
