import { LONGEST_TIMER } from "../../agent/timer.ts";
import {
  checkBackend,
  checkClusterOptions,
  type Cluster,
  CLUSTER_KINDS,
  type ClusterOptions,
} from "../cluster/mod.ts";
import type { Backend, NodeOptions } from "../kit/mod.ts";
import { checkOptions, kinds, type OptionKinds } from "../options/mod.ts";
import type { Keep } from "./keep.ts";
import { parsePattern } from "./artifacts/pattern.ts";

/** How a test gets its cluster, and what is done when the test fails. */
export interface ClusterTestOptions<O extends NodeOptions = NodeOptions> extends ClusterOptions {
  /**
   * The cluster's name in progress and records: letters, digits and hyphens. @default the test's name,
   * without the characters that are not allowed
   */
  readonly name?: string | undefined;
  /** Aborting fails the test, with the signal's reason, also while its cluster is being made. */
  readonly signal?: AbortSignal | undefined;
  /** The backend of the cluster. @default the one that `CLUSTERTEST_BACKEND` names, or `local` */
  readonly backend?: Backend<O> | undefined;
  /**
   * An existing cluster, for tests that share one. The test does not dispose of it, and what the test adds
   * to it stays. Options that say how to make a cluster are refused with it; so is `undefined`, which is
   * what a variable has until `beforeAll` has made the cluster.
   */
  readonly cluster?: Cluster<O>;
  /**
   * Milliseconds after which the test fails with a `TestTimeoutError`, which says what was under way on each
   * node. They count from the moment at which the cluster is there. @default Infinity
   */
  readonly timeout?: number | undefined;
  /**
   * Files of the nodes that are copied into the record of the run when the test has failed, before
   * anything is torn down: patterns, as in {@linkcode ArtifactOptions.failed}, or more options.
   */
  readonly artifacts?: readonly string[] | ArtifactOptions | undefined;
  /**
   * `"failed"`: the cluster of a failed test stays until Enter is pressed on the terminal, for an hour at
   * most, so that it can be inspected; without a terminal it is disposed of. `false`: it is disposed of.
   * @default what `CLUSTERTEST_KEEP` says (`failed` or `none`), or `false`
   */
  readonly keep?: Keep | undefined;
}

/** Which files of nodes are copied into the record of the run, and how many bytes of them. */
export interface ArtifactOptions {
  /**
   * The files that are copied when the test has failed: patterns such as `"data/*.log"`, `"data"` for a whole
   * folder, or `"/var/log/**"`. `*` and `?` stand for a part of a name, also of a hidden one, `[a-z]` for a
   * character, `{a,b}` for a choice, `**` for folders of any depth. Relative patterns begin at the node's
   * `rootDir`, and do not leave it. Links are not followed.
   *
   * Files are also collected from nodes that are down or paused, which stay so; only on `docker` is a paused
   * node resumed for a moment. If a node was lost with its files, an event says why there are none.
   */
  readonly failed?: readonly string[] | undefined;
  /** The files that are copied whether or not the test has failed; patterns as in `failed`. */
  readonly always?: readonly string[] | undefined;
  /**
   * Bytes that the files of the test may have in all; each node gets an equal share. Holes, and blocks of
   * zeros, do not count. Small files come first; of a file that is too large for what is left, the beginning
   * and the end are copied. The files of all tests of a run may take 256 MiB of the disk, or this size if it
   * is larger. @default 67108864, which is 64 MiB
   */
  readonly size?: number | undefined;
  /**
   * Milliseconds that collecting may take. @default 30000, or 150000 if a node is down, because its instance
   * may have to boot first
   */
  readonly timeout?: number | undefined;
}

/** Options of a test that were checked. */
export interface CheckedTestOptions<O extends NodeOptions> extends ClusterTestOptions<O> {
  readonly timeout: number;
  readonly artifacts: CheckedArtifacts;
}

/** Artifact options with their defaults. That of `timeout` is known only at the end: it depends on the nodes. */
export type CheckedArtifacts =
  & Required<Omit<ArtifactOptions, "timeout">>
  & Pick<ArtifactOptions, "timeout">;

/** The kinds of the options of a test. */
export const TEST_KINDS: OptionKinds<ClusterTestOptions> = {
  ...CLUSTER_KINDS,
  backend: kinds.anything,
  cluster: kinds.anything,
  timeout: kinds.number("milliseconds"),
  artifacts: kinds.either(kinds.list, kinds.table),
  keep: kinds.oneOf("failed", false),
};

const ARTIFACT_KINDS: OptionKinds<ArtifactOptions> = {
  failed: kinds.list,
  always: kinds.list,
  size: kinds.number("bytes"),
  timeout: kinds.number("milliseconds"),
};

/** Bytes that artifacts may have, unless a test says otherwise. */
const ARTIFACTS_SIZE = 64 * 1024 * 1024;

/** The options with their defaults; throws when a value is wrong. */
export function checkedTestOptions<O extends NodeOptions>(
  options: ClusterTestOptions<O>,
): CheckedTestOptions<O> {
  const { timeout = Infinity, backend } = options;
  if (backend !== undefined) checkBackend(backend);
  checkClusterOptions(options, backend);
  if (!(timeout > 0)) throw new RangeError(`timeout must be above 0 milliseconds, not ${timeout}`);
  if (Object.hasOwn(options, "cluster")) checkShared(options);
  return { ...options, timeout, artifacts: checkedArtifacts(options.artifacts) };
}

function checkShared(options: ClusterTestOptions<never>): void {
  const { cluster, signal: _1, timeout: _2, artifacts: _3, keep: _4, ...making } = options;
  if (cluster === undefined) {
    throw new TypeError(
      "Cannot define a test: cluster is undefined, as one is that beforeAll() has still to make; " +
        "define the test as (t) => clusterTest({ cluster }, body)(t)",
    );
  }
  if (typeof cluster.addNodes !== "function") {
    throw new TypeError(`Cannot define a test: cluster must be a Cluster, not ${named(cluster)}`);
  }
  const [other] = Object.entries(making).find(([, value]) => value !== undefined) ?? [];
  if (other === undefined) return;
  throw new TypeError(
    `Cannot define a test: "${other}" says how to make a cluster, and "cluster" is there already; ` +
      "give it to Cluster.create()",
  );
}

/** A promise in place of what it resolves to is the likely mistake. */
function named(cluster: unknown): string {
  return cluster instanceof Promise ? "a promise of one: await it" : Deno.inspect(cluster);
}

function checkedArtifacts(given: ClusterTestOptions["artifacts"] = {}): CheckedArtifacts {
  const options = "length" in given ? { failed: given } : given;
  checkOptions("collect artifacts", options, ARTIFACT_KINDS);
  const { failed = [], always = [], size = ARTIFACTS_SIZE, timeout } = options;
  for (const pattern of [...failed, ...always]) parsePattern(pattern);
  if (!Number.isSafeInteger(size) || size <= 0) {
    throw new RangeError(`artifacts.size must be a whole number of bytes above 0, not ${size}`);
  }
  if (timeout !== undefined && !(timeout > 0 && timeout <= LONGEST_TIMER)) {
    throw new RangeError(
      `artifacts.timeout must be above 0 and at most ${LONGEST_TIMER} milliseconds, not ${timeout}`,
    );
  }
  return { failed, always, size, timeout };
}
