import type { AbilityName, Backend, HeartbeatOptions, NodeOptions } from "../kit/mod.ts";
import { LONGEST_TIMER } from "../../agent/timer.ts";
import { checkEnvironment } from "../process/mod.ts";
import type { OutputLimits } from "../record/mod.ts";
import type { NodeCallOptions } from "../calls/mod.ts";
import { checkOptions, kinds, type OptionKind, type OptionKinds } from "../options/mod.ts";
import { MissingAbilityError } from "../errors.ts";
import type { ForwardsOptions } from "./forwards.ts";

/** How a cluster is made. */
export interface ClusterOptions {
  /** For people: in progress and records. Letters, digits and hyphens. @default "cluster" */
  readonly name?: string | undefined;
  /** Aborting destroys the cluster, also while it is being made. */
  readonly signal?: AbortSignal | undefined;
  /** How nodes notice that the runner is gone. */
  readonly heartbeat?: HeartbeatOptions | undefined;
  /**
   * `true`: long work is shown on standard error, and waits for services and outputs that last for more
   * than 5 seconds. `"all"`: every event is, a line each. `"output"`: what processes write is, besides
   * long work, each line with its node and process; up to 500 characters of a line, and 100 lines of an
   * output and 500 of the cluster in a second. `false`: nothing is.
   * @default what `CLUSTERTEST_PROGRESS` says (`on`, `all`, `output` or `off`), or `true`
   */
  readonly progress?: boolean | "all" | "output" | undefined;
  /**
   * How much of what processes write is recorded: at most `size` bytes of each, its beginning and its
   * end, and `rate` bytes per second. @default 8 MiB, and 1 MiB per second
   */
  readonly recordedOutput?: OutputLimits | undefined;
  /**
   * Abilities that the test needs: a backend that lacks one is refused before anything starts. What
   * partitions and shapes take is launched with each node, so that the first one is made at once.
   */
  readonly needs?: readonly AbilityName[] | undefined;
}

const HEARTBEAT_KINDS: OptionKinds<HeartbeatOptions> = {
  interval: kinds.number("milliseconds"),
  timeout: kinds.number("milliseconds"),
};

/** Of a cluster. */
export const CLUSTER_KINDS: OptionKinds<ClusterOptions> = {
  name: kinds.anything,
  signal: kinds.signal,
  heartbeat: kinds.table,
  progress: kinds.oneOf(true, false, "all", "output"),
  recordedOutput: kinds.table,
  needs: kinds.anything,
};

/** Of `forwards()`. */
export const FORWARDS_KINDS: OptionKinds<ForwardsOptions> = { nodes: kinds.list };

/** Of a node, on every backend, while it is added. */
const NODE_KINDS: OptionKinds<NodeOptions & NodeCallOptions> = {
  name: kinds.anything,
  env: kinds.anything,
  signal: kinds.signal,
};

/** Of nodes on a backend. What it does not say it checks by itself. */
export function nodeKinds({ nodeOptions }: Backend<never>): Record<string, OptionKind> | undefined {
  return nodeOptions && { ...NODE_KINDS, ...nodeOptions };
}

/** Milliseconds between heartbeats, and without one until a node ends itself. */
const HEARTBEAT: Required<HeartbeatOptions> = { interval: 5_000, timeout: 60_000 };

/** What a name may be: part of host names, paths and labels. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** The heartbeat with its defaults; throws when it could not work. */
export function checkedHeartbeat(options: HeartbeatOptions = {}): Required<HeartbeatOptions> {
  checkOptions("heed the heartbeat", options, HEARTBEAT_KINDS);
  const { interval = HEARTBEAT.interval, timeout = HEARTBEAT.timeout } = options;
  if (!(interval > 0)) {
    throw new RangeError(`heartbeat.interval must be above 0 milliseconds, not ${interval}`);
  }
  if (timeout > LONGEST_TIMER) {
    throw new RangeError(
      `heartbeat.timeout must be at most ${LONGEST_TIMER} milliseconds, not ${timeout}: without it ` +
        "nodes would outlive a runner that is gone",
    );
  }
  if (!(timeout >= 2 * interval)) {
    throw new RangeError(
      `heartbeat.timeout must be at least twice the interval of ${interval} ms, not ${timeout} ms`,
    );
  }
  return { interval, timeout };
}

/** Throws unless it can name a cluster or a node. */
export function checkName(what: "cluster" | "node", name: string): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw new TypeError(
    `Cannot name a ${what} "${name}": a name has 1 to 63 letters, digits and hyphens, and begins ` +
      `and ends with a letter or digit`,
  );
}

/** Throws unless this is a backend: other things are easily given in its place. */
export function checkBackend(backend: Backend): void {
  if (typeof backend?.open === "function") return;
  throw new TypeError(
    "Cannot create a cluster: what it is created on is no backend, such as local() or docker(); " +
      "options come after it, and undefined stands for the backend that CLUSTERTEST_BACKEND names",
  );
}

/** Throws unless the backend's nodes can do what the test needs. */
export function checkAbilities(backend: Backend, needs: readonly AbilityName[]): void {
  if (!Array.isArray(needs)) {
    throw new TypeError(`Cannot create a cluster: "needs" is a list of abilities, not ${needs}`);
  }
  for (const ability of needs) {
    if (backend.abilities.includes(ability)) continue;
    throw new MissingAbilityError({ ability, backend: backend.name, has: backend.abilities });
  }
}

/** Throws unless these options, which all nodes have, can be those of a node. */
export function checkNodeOptions({ name, env = {} }: NodeOptions): void {
  if (name !== undefined) checkName("node", name);
  checkEnvironment(env);
}
