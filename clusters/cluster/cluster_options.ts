import type {
  AbilityName,
  Backend,
  Composition,
  HeartbeatOptions,
  Needs,
  NodeOptions,
} from "../kit/mod.ts";
import { LONGEST_TIMER } from "../../agent/timer.ts";
import { checkEnvironment } from "../process/mod.ts";
import { checkedLimits, type OutputLimits } from "../record/mod.ts";
import type { NodeCallOptions } from "../calls/mod.ts";
import { checkOptions, hintAt, kinds, type OptionKind, type OptionKinds } from "../options/mod.ts";
import { MissingAbilityError } from "../errors.ts";
import { ABILITY_NAMES } from "../node/mod.ts";
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
   * What is shown on standard error. `true`: long work, and waits for services and outputs that last for
   * more than 5 seconds. `"all"`: every event, a line each. `"output"`: long work, and what processes
   * write, each line with its node and process; up to 500 characters of a line, and in a second 100 lines
   * of each output and 500 of the cluster. `false`: nothing.
   * @default what `CLUSTERTEST_PROGRESS` says (`on`, `all`, `output` or `off`), or `true`
   */
  readonly progress?: boolean | "all" | "output" | undefined;
  /**
   * How much of what processes write is recorded: of each process at most `size` bytes, the beginning and
   * the end of its outputs, and at most `rate` bytes per second. @default 8 MiB, and 1 MiB per second
   */
  readonly recordedOutput?: OutputLimits | undefined;
  /**
   * Abilities that the test needs: a backend that lacks one is refused before anything starts. With
   * `"partition"` or `"shape"`, what these faults need is launched with each node, so that the first
   * fault does not wait for it; pods of `kubernetes()` have it only then. Of a composed backend every
   * member must have them; an object says it for each member by name: `{ box: ["pause"] }`.
   */
  readonly needs?: Needs | undefined;
}

const HEARTBEAT_KINDS: OptionKinds<HeartbeatOptions> = {
  interval: kinds.number("milliseconds"),
  timeout: kinds.number("milliseconds"),
};

const OUTPUT_KINDS: OptionKinds<OutputLimits> = {
  size: kinds.number("bytes"),
  rate: kinds.number("bytes per second"),
};

/** The kinds of the options of a cluster. */
export const CLUSTER_KINDS: OptionKinds<ClusterOptions> = {
  name: kinds.anything,
  signal: kinds.signal,
  heartbeat: kinds.table,
  progress: kinds.oneOf(true, false, "all", "output"),
  recordedOutput: kinds.table,
  needs: kinds.anything,
};

/** The kinds of the options of `forwards()`. */
export const FORWARDS_KINDS: OptionKinds<ForwardsOptions> = { nodes: kinds.list };

/** The kinds of the options with which nodes are added, on every backend. */
const NODE_KINDS: OptionKinds<NodeOptions & NodeCallOptions> = {
  name: kinds.anything,
  env: kinds.anything,
  signal: kinds.signal,
};

/** Names the member of a composed backend; the composition refuses a name that it does not have. */
const MEMBER_KINDS = { in: kinds.anything };

/**
 * The kinds of the options with which a node is added: on a composed backend those of the member that
 * `options` name. `undefined` if the backend checks the options itself.
 */
export function nodeKinds<O extends NodeOptions>(
  { nodeOptions, composition }: Pick<Backend<O>, "nodeOptions" | "composition">,
  options: O | undefined,
): Record<string, OptionKind> | undefined {
  if (!composition) return nodeOptions && { ...NODE_KINDS, ...nodeOptions };
  const { nodeOptions: ofMember } = memberOf(composition, options);
  return ofMember && { ...NODE_KINDS, ...MEMBER_KINDS, ...ofMember };
}

/** The member that `options` name. Options that are no object are refused elsewhere, whatever this returns. */
function memberOf<O extends NodeOptions>(
  composition: Composition<O>,
  options: O | undefined,
): Backend<never> {
  const given = typeof options === "object" && options !== null ? options : {} as O;
  return composition.members[composition.memberOf(given)]!;
}

/** Milliseconds between heartbeats, and milliseconds without any after which a node ends itself. */
const HEARTBEAT: Required<HeartbeatOptions> = { interval: 5_000, timeout: 60_000 };

/** What a name looks like: names become part of host names, paths and labels. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * The heartbeat with its defaults; throws when no cluster could be made with these options, whatever nodes
 * can do on `backend`, or on any if that is not known yet.
 */
export function checkClusterOptions(
  { name, heartbeat, recordedOutput, needs = [] }: ClusterOptions,
  backend?: Backend<never>,
): Required<HeartbeatOptions> {
  if (name !== undefined) checkName("cluster", name);
  checkOptions("record what processes write", recordedOutput, OUTPUT_KINDS);
  checkedLimits(recordedOutput);
  checkNeedsForm(needs, backend);
  return checkedHeartbeat(heartbeat);
}

/** Throws unless `needs` is a list of abilities, or on a composed backend an object of those of its members. */
function checkNeedsForm(needs: Needs, backend?: Backend<never>): void {
  if (isList(needs)) return checkAbilityNames(needs);
  const members = backend?.composition?.members;
  if (typeof needs !== "object" || needs === null || backend && !members) {
    const named = members ? ", or of those of each member" : "";
    throw new TypeError(
      `Cannot create a cluster: "needs" is a list of abilities${named}, not ${Deno.inspect(needs)}`,
    );
  }
  Object.values(needs).filter(Array.isArray).forEach(checkAbilityNames);
}

function checkAbilityNames(needs: readonly AbilityName[]): void {
  for (const ability of needs) {
    if (ABILITY_NAMES.includes(ability)) continue;
    const hint = hintAt(`${ability}`, ABILITY_NAMES);
    throw new TypeError(`Cannot create a cluster: there is no ability "${ability}"; ${hint}`);
  }
}

/** The heartbeat with its defaults; throws a `RangeError` when leases could not work with it. */
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

/** Throws unless `name` can be the name of a cluster or of a node. */
export function checkName(what: "cluster" | "node", name: string): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw new TypeError(
    `Cannot name a ${what} "${name}": a name has 1 to 63 letters, digits and hyphens, and begins ` +
      `and ends with a letter or digit`,
  );
}

/** Throws unless this is a backend: options are easily passed in its place. */
export function checkBackend(backend: Backend): void {
  if (typeof backend?.open === "function") return;
  throw new TypeError(
    "Cannot create a cluster: what it is created on is no backend, such as local() or docker(); " +
      "options come after it, and undefined stands for the backend that CLUSTERTEST_BACKEND names",
  );
}

/** The abilities that a test needs of all nodes, and of those of single members. */
export interface CheckedNeeds {
  readonly needs: readonly AbilityName[];
  readonly memberNeeds?: Readonly<Record<string, readonly AbilityName[]>>;
}

/** The abilities that the nodes of `member` need, or all nodes of a backend that is not composed. */
export function needsOf({ needs, memberNeeds }: CheckedNeeds, member?: string): AbilityName[] {
  const ofMember = member === undefined ? [] : memberNeeds?.[member] ?? [];
  return [...new Set([...needs, ...ofMember])];
}

/** Throws unless the backend, and each of its members, has the abilities that the test needs. */
export function checkNeeds(backend: Backend<never>, needs: Needs): CheckedNeeds {
  checkNeedsForm(needs, backend);
  const { members } = backend.composition ?? {};
  if (isList(needs)) {
    for (const [member, each] of Object.entries(members ?? {})) checkAbilities(each, needs, member);
    if (!members) checkAbilities(backend, needs);
    return { needs };
  }
  for (const [member, ofMember] of Object.entries(needs)) {
    checkMemberNeeds(members!, { member, needs: ofMember });
  }
  return { needs: [], memberNeeds: needs };
}

function isList(needs: Needs): needs is readonly AbilityName[] {
  return Array.isArray(needs);
}

function checkMemberNeeds(
  members: Composition["members"],
  { member, needs }: { readonly member: string; readonly needs: readonly AbilityName[] },
): void {
  const backend = Object.hasOwn(members, member) ? members[member]! : undefined;
  if (!backend) {
    const known = Object.keys(members).map((name) => `"${name}"`).join(", ");
    throw new TypeError(
      `Cannot create a cluster: "needs" names the member "${member}"; those that there are: ${known}`,
    );
  }
  if (!Array.isArray(needs)) {
    const given = Deno.inspect(needs);
    throw new TypeError(
      `Cannot create a cluster: "needs" of "${member}" is a list of abilities, not ${given}`,
    );
  }
  checkAbilities(backend, needs, member);
}

function checkAbilities(
  { name, abilities }: Backend<never>,
  needs: readonly AbilityName[],
  member?: string,
): void {
  for (const ability of needs) {
    if (abilities.includes(ability)) continue;
    throw new MissingAbilityError({
      ...{ ability, backend: name, member, has: abilities, isNeeded: true },
    });
  }
}

/** Checks the options that nodes have on every backend. */
export function checkNodeOptions({ name, env = {} }: NodeOptions): void {
  if (name !== undefined) checkName("node", name);
  checkEnvironment(env);
}
