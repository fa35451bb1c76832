import { LONGEST_TIMER } from "../../agent/timer.ts";
import { type Cluster, CLUSTER_KINDS, type ClusterOptions } from "../cluster/mod.ts";
import type { Backend, NodeOptions } from "../kit/mod.ts";
import { checkOptions, kinds, type OptionKinds } from "../options/mod.ts";
import type { Keep } from "./keep.ts";
import { parsePattern } from "./artifacts/pattern.ts";

/** How a test gets its cluster, and what is done when it has failed. */
export interface ClusterTestOptions<O extends NodeOptions = NodeOptions> extends ClusterOptions {
  /**
   * For people: in progress and records. Letters, digits and hyphens. @default what can be used of the
   * test's name
   */
  readonly name?: string | undefined;
  /** Aborting fails the test, with the signal's reason, also while its cluster is being made. */
  readonly signal?: AbortSignal | undefined;
  /** Where its nodes are. @default what `CLUSTERTEST_BACKEND` names, or `local` */
  readonly backend?: Backend<O> | undefined;
  /**
   * A cluster that is there already, for tests that share one: it is not disposed of, and with it goes
   * no option that says how to make one. What the test adds to it stays.
   */
  readonly cluster?: Cluster<O> | undefined;
  /**
   * Milliseconds from the moment at which the cluster is there, after which the test fails with a
   * `TestTimeoutError`, which says what was under way on each node. @default Infinity
   */
  readonly timeout?: number | undefined;
  /**
   * Files of the nodes that are brought into the record of the run when the test has failed, before
   * anything is torn down: patterns as {@linkcode ArtifactOptions.failed} has them, or more options.
   */
  readonly artifacts?: readonly string[] | ArtifactOptions | undefined;
  /**
   * `"failed"`: the cluster of a test that has failed stays until Enter is pressed on the terminal, or
   * for an hour, so that one can look in; without a terminal it does not. `false`: none does.
   * @default what `CLUSTERTEST_KEEP` says (`failed` or `none`), or `false`
   */
  readonly keep?: Keep | undefined;
}

/** Which files of nodes are brought into the record of the run, and how many of them. */
export interface ArtifactOptions {
  /**
   * Of a test that has failed: patterns such as `"data/*.log"`, `"data"` for all that is below it, or
   * `"/var/log/**"`. `*` and `?` stand for a part of a name, also of a hidden one, `[a-z]` for a
   * character, `{a,b}` for a choice, `**` for folders of any depth. Relative ones begin at the node's
   * `rootDir`, and do not leave it. Links are not followed. Nodes that are down or paused have theirs
   * collected as well, and stay so; only on `docker` a paused one goes on for that moment. Of a node that is
   * lost with its files an event says why there are none.
   */
  readonly failed?: readonly string[] | undefined;
  /** Of every test, whether or not it has failed; as `failed`. */
  readonly always?: readonly string[] | undefined;
  /**
   * Bytes in all, of which every node has the same share. Holes, and blocks that have nothing but zeros,
   * take none of them. Small files come first; of those that are too large for what is left the beginning
   * and the end are taken. All tests of a run have 256 MiB on the disk together, or as many as one of
   * them asks for. @default 67108864, 64 MiB
   */
  readonly size?: number | undefined;
  /**
   * Milliseconds for all of it. @default 30000, and 150000 if a node is down, whose instance may have to
   * boot first
   */
  readonly timeout?: number | undefined;
}

/** Options of a test that were checked. */
export interface CheckedTestOptions<O extends NodeOptions> extends ClusterTestOptions<O> {
  readonly timeout: number;
  readonly artifacts: CheckedArtifacts;
}

/** Artifacts of which all is known but the time that a node has, which depends on how that is. */
export type CheckedArtifacts =
  & Required<Omit<ArtifactOptions, "timeout">>
  & Pick<ArtifactOptions, "timeout">;

/** Of a test. */
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

/** The options with their defaults; throws when they cannot be heeded. */
export function checkedTestOptions<O extends NodeOptions>(
  options: ClusterTestOptions<O>,
): CheckedTestOptions<O> {
  const { timeout = Infinity, cluster } = options;
  if (!(timeout > 0)) throw new RangeError(`timeout must be above 0 milliseconds, not ${timeout}`);
  if (cluster !== undefined) checkShared(options);
  return { ...options, timeout, artifacts: checkedArtifacts(options.artifacts) };
}

function checkShared(options: ClusterTestOptions<never>): void {
  const { cluster, signal: _1, timeout: _2, artifacts: _3, keep: _4, ...making } = options;
  if (typeof cluster?.addNodes !== "function") {
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
