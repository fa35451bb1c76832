import { within } from "../../agent/within.ts";
import { join } from "node:path";
import { removeTree } from "../../agent/host/remove_tree.ts";
import type { Backend, Needs, NodeOptions } from "../kit/mod.ts";
import { Cluster } from "../cluster/mod.ts";
import { currentRun } from "../ownership/mod.ts";
import { abilityCases } from "./ability_cases.ts";
import { artifactCases } from "./artifact_cases.ts";
import { abortCases } from "./abort_cases.ts";
import { commandCases } from "./command_cases.ts";
import type { ConformanceCase, ConformanceGroup, Scene } from "./conformance_case.ts";
import { connectionCases } from "./connection_cases.ts";
import { copyCases } from "./copy_cases.ts";
import { crashCases } from "./crash_cases.ts";
import { errorCases } from "./error_cases.ts";
import { essentialCases } from "./essential_cases.ts";
import { faultCases } from "./fault_cases.ts";
import { faultyNodesCases } from "./faulty_nodes_cases.ts";
import { shapeCases } from "./shape_cases.ts";
import { fileCases } from "./file_cases.ts";
import { leftBehindCases } from "./left_behind_cases.ts";
import { lifeCases } from "./life_cases.ts";
import { linkCases } from "./link_cases.ts";
import { lossCases } from "./loss_cases.ts";
import { machineFaultCases } from "./machine_fault_cases.ts";
import { manyNodesCases } from "./many_nodes_cases.ts";
import { metricsCases } from "./metrics_cases.ts";
import { nameCases } from "./name_cases.ts";
import { openFileCases } from "./open_file_cases.ts";
import { optionCases } from "./option_cases.ts";
import { lineCases } from "./line_cases.ts";
import { outputWaitCases } from "./output_wait_cases.ts";
import { outputCases } from "./output_cases.ts";
import { processCases } from "./process_cases.ts";
import { processPauseCases } from "./process_pause_cases.ts";
import { recordCases } from "./record_cases.ts";
import { reverseForwardCases } from "./reverse_forward_cases.ts";
import { serviceCases } from "./service_cases.ts";
import { startCases } from "./start_cases.ts";
import { transferCases } from "./transfer_cases.ts";
import { userCases } from "./user_cases.ts";
import { unnamedSignalCases } from "./unnamed_signal_cases.ts";
import { waitCases } from "./wait_cases.ts";
import type { Node } from "../node/mod.ts";

/** How a backend is tested. */
export interface ConformanceOptions {
  /** What the tests are called. @default the backend's name */
  readonly name?: string | undefined;
  /**
   * Promises that the backend does not keep: the names of the cases, and why. They are printed as
   * ignored, with the reason. A name that no case has is an error.
   */
  readonly deviations?: Readonly<Record<string, string>> | undefined;
  /** Programs that its nodes do not have, or `"all"`: the cases that need one are deviations. */
  readonly missingPrograms?: readonly string[] | "all" | undefined;
  /** Only the groups with these names: "files", "commands", … @default all */
  readonly groups?: readonly string[] | undefined;
  /** Not the groups with these names, which something else tests. @default none */
  readonly exceptGroups?: readonly string[] | undefined;
  /** Only the cases with these names, in this order, by one test on one cluster. @default all */
  readonly cases?: readonly string[] | undefined;
  /**
   * All groups by one test on one cluster, for backends whose nodes take seconds to be there. The sanitizers
   * judge all of them together, and a case that breaks a node may fail those behind it. @default false
   */
  readonly sharesCluster?: boolean | undefined;
  /** What its clusters need: abilities that nodes have only then. @default none */
  readonly needs?: Needs | undefined;
  /** Says that tests are not to be run: they are registered as ignored. @default false */
  readonly ignore?: boolean | undefined;
}

/** Milliseconds after which a case fails, so that one which hangs is named. */
const CASE_TIMEOUT = 120_000;

const groups: readonly ConformanceGroup[] = [
  { name: "files", cases: fileCases },
  { name: "names", cases: nameCases },
  { name: "open files", cases: openFileCases },
  { name: "transfers", cases: transferCases },
  { name: "copies", cases: copyCases },
  { name: "commands", cases: commandCases },
  { name: "outputs", cases: outputCases },
  { name: "left behind", cases: leftBehindCases },
  { name: "options", cases: optionCases },
  { name: "processes", cases: [...processCases, ...processPauseCases, ...essentialCases] },
  // Of a process that ends like this Deno itself keeps a resource open.
  { name: "unnamed signals", cases: unnamedSignalCases, sanitizers: { sanitizeResources: false } },
  { name: "users", cases: userCases },
  { name: "connections", cases: [...connectionCases, ...linkCases] },
  { name: "services", cases: serviceCases },
  { name: "waits", cases: [...waitCases, ...outputWaitCases, ...lineCases] },
  { name: "reverse forwards", cases: reverseForwardCases },
  { name: "aborts", cases: abortCases },
  { name: "lives", cases: lifeCases },
  { name: "losses", cases: lossCases },
  { name: "crashes", cases: [...crashCases, ...startCases] },
  { name: "many nodes", cases: manyNodesCases },
  { name: "errors", cases: errorCases },
  { name: "abilities", cases: abilityCases },
  { name: "faults", cases: faultCases },
  { name: "faulty nodes", cases: faultyNodesCases },
  { name: "machine faults", cases: machineFaultCases },
  { name: "shapes", cases: shapeCases },
  { name: "records", cases: [...recordCases, ...artifactCases, ...metricsCases] },
];

/**
 * Registers tests, by `Deno.test`, that check the whole contract against `backend`: a test for each
 * group of cases, on a cluster of its own with two nodes, and a step for each case. They need a
 * gigabyte of room on the disk of a node.
 */
export function testConformance<O extends NodeOptions>(
  backend: Backend<O>,
  options: ConformanceOptions = {},
): void {
  const { name = backend.name, ignore = false } = options;
  for (const { sanitizers = {}, ...group } of groupsOf(options)) {
    Deno.test({
      ...sanitizers,
      name: `${name} conforms: ${group.name}`,
      ignore,
      fn: (test) => testGroup(test, { group, backend, options }),
    });
  }
}

/** What is to be tested. Throws a `TypeError` when a name is none. */
function groupsOf(
  options: ConformanceOptions,
): readonly ConformanceGroup[] {
  const { groups: only = namesOf(groups), exceptGroups: except = [], cases } = options;
  const { deviations = {}, sharesCluster = false } = options;
  const named = [...Object.keys(deviations), ...cases ?? []];
  checkNames("case", named, groups.flatMap(({ cases }) => namesOf(cases)));
  checkNames("group", [...only, ...except], namesOf(groups));
  const chosen = groups.filter(({ name }) => only.includes(name) && !except.includes(name));
  if (!cases) return sharesCluster ? together(chosen) : chosen;
  const byName = new Map(
    chosen.flatMap((group) => group.cases.map((each) => [each.name, each] as const)),
  );
  return [{ name: "a selection", cases: cases.flatMap((name) => byName.get(name) ?? []) }];
}

/** One group of all that are judged by the same sanitizers. */
function together(groups: readonly ConformanceGroup[]): ConformanceGroup[] {
  const usual = groups.filter(({ sanitizers }) => !sanitizers);
  const others = groups.filter(({ sanitizers }) => sanitizers);
  const cases = usual.flatMap(({ cases }) => cases);
  return [...cases.length > 0 ? [{ name: "on one cluster", cases }] : [], ...others];
}

function namesOf(named: readonly { readonly name: string }[]): string[] {
  return named.map(({ name }) => name);
}

function checkNames(what: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`Cannot test conformance: there is no ${what} named "${unknown}"`);
}

/** What a group is tested with. */
interface GroupTest<O extends NodeOptions> {
  readonly group: ConformanceGroup;
  readonly backend: Backend<O>;
  readonly options: ConformanceOptions;
}

async function testGroup<O extends NodeOptions>(
  test: Deno.TestContext,
  { group, backend, options }: GroupTest<O>,
): Promise<void> {
  const { needs } = options;
  const newCluster: Scene["newCluster"] = async (created) =>
    // Cases know only what all backends have.
    await Cluster.create(backend, { name: "conformance", needs, ...created }) as unknown as Cluster;
  const resources: Scene["resources"] = async () => {
    const { found } = await backend.sweep({ run: currentRun().id, dryRun: true });
    return found.map(({ kind, id }) => `${kind} ${id}`).sort();
  };
  await using cluster = await newCluster();
  const [node, peer] = await cluster.addNodes(2);
  const ofNodes = backendOfNodes(backend);
  const localDir = await Deno.makeTempDir({ prefix: "clustertest-conformance-" });
  try {
    const cases = group.cases.filter(({ unless = [] }) =>
      !unless.some((ability) => ofNodes.abilities.includes(ability))
    );
    for (const [i, each] of cases.entries()) {
      const scene = { backend: ofNodes.name, cluster, node, peer, newCluster, resources };
      const dirs = { dir: `case-${i}`, localDir: join(localDir, `${i}`) };
      const deviation = deviationOf(each, { backend: ofNodes, node }, options);
      await test.step({
        name: deviation === undefined ? each.name : `${each.name} (deviation: ${deviation})`,
        ignore: deviation !== undefined,
        // The cluster goes on between steps: the sanitizers judge the group as a whole.
        sanitizeOps: false,
        sanitizeResources: false,
        fn: () => withinTime(each.name, () => runCase(each, { ...scene, ...dirs })),
      });
    }
  } finally {
    await removeTree(localDir);
  }
}

/** Where nodes are whose options say nothing else: in the first member, if a backend is composed. */
function backendOfNodes(backend: Backend<never>): Backend<never> {
  const [first = backend] = Object.values(backend.composition?.members ?? {});
  return first;
}

/** Why a case is not to be run; undefined if it is. */
function deviationOf(
  { name, programs = [], abilities = [], systems }: ConformanceCase,
  { backend, node }: { readonly backend: Backend<never>; readonly node: Node },
  { deviations = {}, missingPrograms = [] }: ConformanceOptions,
): string | undefined {
  if (deviations[name] !== undefined) return deviations[name];
  const { os } = node.build;
  if (systems && !systems.includes(os)) return `its nodes run ${os}, and not ${systems.join(", ")}`;
  const ability = abilities.find((ability) => !backend.abilities.includes(ability));
  if (ability !== undefined) return `its nodes do not have the ability "${ability}"`;
  const missing = programs.find((each) =>
    missingPrograms === "all" || missingPrograms.includes(each)
  );
  return missing === undefined ? undefined : `its nodes do not have the program "${missing}"`;
}

async function runCase(each: ConformanceCase, scene: Scene): Promise<void> {
  const { node, peer, dir, localDir } = scene;
  await Promise.all([node.mkdir(dir), peer.mkdir(dir), Deno.mkdir(localDir)]);
  await each.run(scene);
  await Promise.all([node, peer].map((each) => each.remove(dir, { recursive: true })));
}

/** Rejects when the work takes longer than a case may; the work then goes on, unawaited. */
async function withinTime(name: string, work: () => Promise<void>): Promise<void> {
  const reason = () => new Error(`"${name}" did not end within ${CASE_TIMEOUT / 1000} seconds`);
  await within(CASE_TIMEOUT, work(), { reason });
}
