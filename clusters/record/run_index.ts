import { join } from "node:path";
import { messageOf } from "../../agent/host/described_error.ts";
import type { FaultEvent, NodeTraits, TestResult } from "../events/mod.ts";
import type { ProcessIdentity } from "../kit/mod.ts";
import type { RecordedOptions } from "../options/mod.ts";
import { stateOf } from "../ownership/mod.ts";
import type { TestFailure } from "./test_failure.ts";

/** The version of the layout; changes with every change that a reader has to know of. */
export const LAYOUT_VERSION = 1;

/** The index of a run's folder. */
const INDEX = "run.json";

/** Milliseconds after which a run whose owner cannot be judged from here counts as over: a day. */
const UNJUDGED_LIFE = 24 * 3_600_000;

/** The content of `run.json`: an index of what one process has recorded, with all its test files. */
export interface RunIndex {
  /** The version of the layout. */
  readonly layout: 1;
  /** The process that runs the tests. */
  readonly owner: ProcessIdentity;
  /** When its first cluster was made: milliseconds since the epoch, as all times here. */
  readonly started: number;
  /** Its command line. */
  readonly command: readonly string[];
  /** The folder it was started in. */
  readonly cwd: string;
  /**
   * The variables of clustertest that were set, such as `CLUSTERTEST_BACKEND`, without the names and
   * passwords of URLs; `undefined` in records of before.
   */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The versions of what it ran with. */
  readonly versions: {
    readonly clustertest: string;
    readonly deno: string;
    readonly os: string;
    readonly arch: string;
  };
  /** In the order in which they were made. */
  readonly clusters: readonly ClusterEntry[];
  /**
   * The tests that were made by `clusterTest`, in the order in which they began; others are not known.
   * `undefined` before the first one.
   */
  readonly tests?: readonly TestEntry[] | undefined;
}

/** What the index says of a test. */
export interface TestEntry {
  /** Unique in the index. */
  readonly id: string;
  /** As its framework gives it. */
  readonly name: string;
  /** The path of its file, if its framework tells. */
  readonly file?: string | undefined;
  /** As {@linkcode ClusterEntry.run}. */
  readonly run: string;
  /** When it began. */
  readonly started: number;
  /** The id of its cluster, once that is there. */
  readonly cluster?: string | undefined;
  /** `undefined` until it has ended. */
  readonly end?: TestEnd | undefined;
}

/** How a test ended. */
export interface TestEnd {
  /** `"interrupted"`: its runner has ended before it did. */
  readonly verdict: TestResult["verdict"] | "interrupted";
  /** When it ended. */
  readonly time: number;
  /** What failed: the test's own failure first, then what went wrong after it. */
  readonly errors: readonly string[];
  /** The same failures in detail, one for one; absent in records of older versions. */
  readonly failures?: readonly TestFailure[] | undefined;
  /**
   * The line of the author's code that led to the failure, as `/tests/store_test.ts:70:5`, where its
   * stack tells.
   */
  readonly place?: string | undefined;
  /** Where artifacts of it are, below the run's folder; `undefined` when it has none. */
  readonly artifacts?: string | undefined;
}

/** What the index says of a cluster. */
export interface ClusterEntry {
  /** As `cluster.id`. */
  readonly id: string;
  /** As its test has named it. */
  readonly name: string;
  /** The folder, below that of the run, with what was recorded of the cluster. */
  readonly folder: string;
  /** The id by which its resources are owned: that of its test file. */
  readonly run: string;
  /** What made its nodes. */
  readonly backend: RecordedBackend;
  /** When it was made. */
  readonly started: number;
  /** The names of all nodes that it ever had, in the order in which they were ready. */
  readonly nodes: readonly RecordedNode[];
  /** What its faults left to chance, in the order in which they were made; absent if there is nothing. */
  readonly seeds?: readonly FaultSeed[] | undefined;
  /** `undefined` until its runner, or the guardian, has recorded its end. */
  readonly end?: ClusterEnd | undefined;
}

/** A backend, without secrets. */
export interface RecordedBackend {
  /** As in `CLUSTERTEST_BACKEND`. */
  readonly name: string;
  /**
   * Its options, and what the environment said where they say nothing: of `env` the names, functions as
   * `"[function customize]"`, credentials as `"[redacted]"`.
   */
  readonly options: RecordedOptions;
  /** Of a composed backend: its members, by their names. */
  readonly members?: Readonly<Record<string, RecordedBackend>> | undefined;
}

/** A node of a cluster. */
export interface RecordedNode extends NodeTraits {
  /** Its name. */
  readonly name: string;
}

/** With the same seed, a fault does the same once more. */
export interface FaultSeed extends Pick<FaultEvent, "fault" | "action"> {
  /** Its option `seed`. */
  readonly seed: number;
}

/** How a cluster ended. */
export interface ClusterEnd {
  /** `"interrupted"`: its runner has ended before it was disposed of. */
  readonly how: "disposed" | "interrupted";
  /** When it ended. */
  readonly time: number;
  /** What could not be given back. */
  readonly errors: readonly string[];
}

/** The index in a run's folder; `undefined` where there is none that this version can read. */
export function readIndex(folder: string): RunIndex | undefined {
  const read = inspectIndex(folder);
  return "index" in read ? read.index : undefined;
}

/** The index in a run's folder, or why it cannot be read. */
export function inspectIndex(
  folder: string,
): { readonly index: RunIndex } | { readonly problem: string } {
  const path = join(folder, INDEX);
  try {
    const index = JSON.parse(Deno.readTextFileSync(path));
    const problem = problemOf(index);
    return problem === undefined ? { index } : { problem: `${path} ${problem}` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { problem: `there is no ${path}` };
    if (error instanceof SyntaxError) return { problem: `${path} is damaged: ${error.message}` };
    return { problem: `${path} cannot be read: ${messageOf(error)}` };
  }
}

/** Why this is no index that this version can read. */
function problemOf(value: Partial<RunIndex> | null): string | undefined {
  const layout: unknown = value?.layout;
  if (typeof layout !== "number") return "is damaged: it has no layout";
  if (layout !== LAYOUT_VERSION) {
    const { clustertest = "another version" } = value?.versions ?? {};
    return `has layout ${layout}, and this version of clustertest reads ${LAYOUT_VERSION}: ` +
      `read it with the one that wrote it, ${clustertest}`;
  }
  const { owner, started, command, cwd, clusters, tests = [] } = value ?? {};
  const isWhole = Number.isInteger(owner?.pid) && Number.isFinite(started) &&
    Array.isArray(command) && typeof cwd === "string" && Array.isArray(clusters) &&
    clusters.every(isEntry) &&
    Array.isArray(tests) && tests.every(isTest);
  return isWhole ? undefined : "is damaged: it lacks some of what an index has";
}

function isEntry(entry: Partial<ClusterEntry> | null): boolean {
  const { id, name, folder, backend, nodes } = entry ?? {};
  return [id, name, folder, backend?.name].every((text) => typeof text === "string") &&
    Array.isArray(nodes) && nodes.every((node) => typeof node?.name === "string");
}

function isTest(entry: Partial<TestEntry> | null): boolean {
  const { name, file = "", end } = entry ?? {};
  const { failures = [] } = end ?? {};
  return typeof name === "string" && typeof file === "string" && Array.isArray(failures) &&
    failures.every(({ stack = "" }) => typeof stack === "string");
}

/** Replaces the index at once, so that no reader finds half of one. */
export function writeIndex(folder: string, index: RunIndex): void {
  const next = join(folder, `${INDEX}.${crypto.randomUUID()}`);
  Deno.writeTextFileSync(next, `${JSON.stringify(index, null, 2)}\n`);
  Deno.renameSync(next, join(folder, INDEX));
}

/** Whether the process that records may still do so. */
export function isRunning({ owner, started }: RunIndex): boolean {
  const state = stateOf(owner);
  if (state === "unknown") return Date.now() - started < UNJUDGED_LIFE;
  return state === "alive";
}

/** Whether a test failed, or something in it was interrupted, or could not be given back. */
export function hasFailed(index: RunIndex): boolean {
  const { clusters, tests = [] } = index;
  const isOpen = [...clusters, ...tests].some(({ end }) => end === undefined);
  return isOpen && !isRunning(index) ||
    tests.some(({ end }) => end?.verdict === "failed" || end?.verdict === "interrupted") ||
    clusters.some(({ end }) => end && (end.how === "interrupted" || end.errors.length > 0));
}
