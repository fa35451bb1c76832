/**
 * The conditions of a cluster that a test may want to catch. Misuse is a `TypeError` or a
 * `RangeError`; files, connections and commands that cannot start give `Deno.errors.*`.
 *
 * @module
 */
import type { AbilityName } from "./kit/mod.ts";
import { thrownText } from "../agent/thrown_text.ts";

export {
  CommandError,
  commandText,
  EssentialProcessError,
  outputText,
  ProcessEndedError,
} from "./process_errors.ts";
export type { CommandFailure, EndedProcess } from "./process_errors.ts";

/** The node is gone: it died, it was stopped, or nothing is known of it any more. */
export class NodeLostError extends Error {
  /** `"NodeLostError"`. */
  override readonly name = "NodeLostError";
  /** The node that is gone. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** A clause that completes "the node was lost: …". */
  readonly reason: string;
  /** What else is known, a line each: exit code, last output of the agent, state reason. */
  readonly details: readonly string[];
  /** What could not be completed: `node.run("sleep")`. */
  readonly call: string | undefined;

  /** The message says all of it. */
  constructor(
    loss: {
      node: string;
      backend: string;
      reason: string;
      details?: readonly string[];
      call?: string | undefined;
    },
    options?: ErrorOptions,
  ) {
    const { node, backend, reason, details = [], call } = loss;
    const what = `"${node}" (${backend}) was lost: ${reason}`;
    const lines = details.map((line) => `\n  ${line}`).join("");
    super(call ? `Cannot complete ${call}: node ${what}${lines}` : `Node ${what}${lines}`, options);
    this.call = call;
    this.node = node;
    this.backend = backend;
    this.reason = reason;
    this.details = details;
  }
}

/**
 * The test has killed the node, which is down, but not lost: `node.start()` starts it again. What was under
 * way or open when it was killed fails with this error, also after the node was started again.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster, NodeDownError } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await node.kill();
 * const error = await node.run("true").catch((error) => error);
 * strictEqual(error instanceof NodeDownError, true);
 * ```
 */
export class NodeDownError extends Error {
  /** `"NodeDownError"`. */
  override readonly name = "NodeDownError";
  /** The node that is down, or was. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** What could not be completed: `node.run("sleep")`. */
  readonly call: string | undefined;

  /** The message says all of it. `isUpAgain`: the call is about something from before the kill. */
  constructor(
    down: { node: string; backend: string; call?: string | undefined; isUpAgain?: boolean },
    options?: ErrorOptions,
  ) {
    const { node, backend, call, isUpAgain = false } = down;
    const state = isUpAgain
      ? "was killed by the test, and started again since. What is from before has ended: make it anew"
      : "is down, since the test killed it. Start it again with node.start()";
    const what = `"${node}" (${backend}) ${state}`;
    super(call ? `Cannot complete ${call}: node ${what}` : `Node ${what}`, options);
    this.node = node;
    this.backend = backend;
    this.call = call;
  }
}

/** A failure of the work on one of several nodes. */
export interface NodeFailure {
  /** The name of the node. */
  readonly node: string;
  /** The error of the work on that node. */
  readonly error: unknown;
}

/** Failures that a message quotes; the fields have all of them. */
const QUOTED_FAILURES = 5;

/**
 * Work on several nodes failed on some of them.
 *
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * import { Cluster, type NodesFailedError } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * await cluster.addNodes(3);
 * const failing = cluster.each((node) => node.run(node.name === "node2" ? "false" : "true"));
 * const error: NodesFailedError = await failing.catch((error) => error);
 * deepStrictEqual(error.failures.map(({ node }) => node), ["node2"]);
 * ```
 */
export class NodesFailedError extends AggregateError {
  /** `"NodesFailedError"`. */
  override readonly name = "NodesFailedError";
  /** The failed nodes with their errors, the first failure first; `errors` has the errors alone. */
  readonly failures: readonly NodeFailure[];
  /** Names of the nodes whose work was given up because of the first failure. */
  readonly givenUp: readonly string[];

  /** The message says which failed, of how many, and why. */
  constructor(
    { failures, givenUp = [], nodes }: {
      failures: readonly NodeFailure[];
      givenUp?: readonly string[];
      nodes: number;
    },
    options?: ErrorOptions,
  ) {
    const errors = failures.map(({ error }) => error);
    super(errors, describeFailures(failures, { givenUp, nodes }), options);
    this.failures = failures;
    this.givenUp = givenUp;
  }
}

function describeFailures(
  failures: readonly NodeFailure[],
  { givenUp, nodes }: { givenUp: readonly string[]; nodes: number },
): string {
  const were = givenUp.length === 1 ? "was" : "were";
  const rest = givenUp.length > 0 ? `, and ${givenUp.length} ${were} given up for that` : "";
  const lines = failures.slice(0, QUOTED_FAILURES).map(({ node, error }) =>
    `\n  ${node}: ${firstLine(error)}`
  );
  const more = failures.length - lines.length;
  if (more > 0) lines.push(`\n  … and ${more} more`);
  return `Cannot complete cluster.each(): ${failures.length} of ${nodes} nodes failed${rest}` +
    lines.join("");
}

/** The first line of an error. All of it is in `errors`, which are shown as well. */
function firstLine(error: unknown): string {
  return thrownText(error).split("\n")[0]!;
}

/** What the members of an ability do, where its name is no verb: completes "Cannot …". */
const DEEDS: Partial<Record<AbilityName, string>> = {
  spawnImage: "spawn the program of an image",
  partition: "break the network of a node",
  shape: "shape the packets of a node",
  cpu: "limit the CPU of a node",
  memory: "limit the memory of a node",
  fullDisk: "fill a disk of a node",
};

/** The backends that have an ability, or another way to the same end: it ends the remedy. */
const REMEDIES: Partial<Record<AbilityName, string>> = {
  cpu: "; docker({ image }) does",
  memory: "; docker({ image }) does",
  fullDisk:
    "; docker({ image }) does, for what is in its option tmpfs, and so do ec2() and kubernetes()",
  spawnImage: "; docker({ image }) does. Elsewhere, name the program: node.spawn(command, args)",
  partition: "; nodes of docker({ image }), kubernetes() and ec2() have it",
  shape: "; nodes of docker({ image }), kubernetes() and ec2() have it",
};

/** The backend's nodes cannot do what was asked of them. */
export class MissingAbilityError extends Error {
  /** `"MissingAbilityError"`. */
  override readonly name = "MissingAbilityError";
  /** What the nodes cannot do. */
  readonly ability: AbilityName;
  /** The backend of the nodes. */
  readonly backend: string;

  /**
   * The message says why the nodes lack the ability, which abilities they have, and what to do. `reason` is a
   * clause, such as "the kernel has no freezer"; `remedy` is a sentence without a full stop; `member` is the
   * name of the backend as a member of a composed one; `isNeeded` says that the test `needs` the ability.
   */
  constructor(
    missing: {
      ability: AbilityName;
      backend: string;
      member?: string | undefined;
      has: readonly AbilityName[];
      reason?: string | undefined;
      remedy?: string | undefined;
      isNeeded?: boolean | undefined;
    },
    options?: ErrorOptions,
  ) {
    const { ability, backend, member, has, isNeeded = false } = missing;
    const { reason = "its nodes do not have that ability" } = missing;
    const where = member === undefined ? "" : `, the member "${member}"`;
    const rest = has.length > 0 ? `they can ${has.join(", ")}` : "they have no abilities at all";
    const {
      remedy = "Run this test on a backend that has it" +
        (isNeeded ? ", or take it out of" : ", and say so early:") + ` needs: ["${ability}"]` +
        (REMEDIES[ability] ?? ""),
    } = missing;
    super(
      `Cannot ${
        DEEDS[ability] ?? `${ability} a node`
      } on backend "${backend}"${where}: ${reason}; ${rest}. ${remedy}`,
      options,
    );
    this.ability = ability;
    this.backend = backend;
  }
}

/** A backend cannot be used here and now; the message says what to do about it. */
export class BackendUnusableError extends Error {
  /** `"BackendUnusableError"`. */
  override readonly name = "BackendUnusableError";
  /** The backend that cannot be used. */
  readonly backend: string;
  /** What to do, as a sentence without a full stop. */
  readonly remedy: string;

  /** `reason` completes "Cannot use backend: …". */
  constructor(
    unusable: { backend: string; reason: string; remedy: string },
    options?: ErrorOptions,
  ) {
    const { backend, reason, remedy } = unusable;
    const space = reason.includes("\n") ? "\n" : " ";
    super(`Cannot use backend "${backend}": ${reason}.${space}${remedy}`, options);
    this.backend = backend;
    this.remedy = remedy;
  }
}

/** A test took longer than its `timeout`. */
export class TestTimeoutError extends Error {
  /** `"TestTimeoutError"`. */
  override readonly name = "TestTimeoutError";
  /** The test's name. */
  readonly test: string;
  /** The `timeout` of the test, in milliseconds. */
  readonly timeout: number;
  /**
   * What was under way, a line each: calls on nodes, running processes with their last lines of output, and
   * nodes that were being added.
   */
  readonly ongoing: readonly string[];

  /** @ignore */
  constructor(test: string, { timeout, ongoing }: {
    readonly timeout: number;
    readonly ongoing: readonly string[];
  }) {
    const lines = ongoing.length > 0
      ? `under way was\n${ongoing.map((line) => `  ${line}`).join("\n")}`
      : "nothing was under way on its nodes";
    super(`Cannot complete test "${test}" within ${timeout} ms: ${lines}`);
    this.test = test;
    this.timeout = timeout;
    this.ongoing = ongoing;
  }
}

/** What is known of a wait that took too long. */
export interface Timeout {
  /** The call that waited, as in `node.waitForPort(80)`. */
  readonly what: string;
  /** What is the case instead, as in `nothing accepts connections`. */
  readonly state: string;
  /** Milliseconds that were waited. */
  readonly timeout: number;
  /** How often it was tried. */
  readonly tries: number;
  /** The result of the tries, as in `tried once, and no try ended`. */
  readonly seen: string;
  /** The error of the last try that failed. @default none */
  readonly cause?: unknown;
  /** The place of the wait, as in ` on node "a" (local)`. @default nothing */
  readonly where?: string | undefined;
  /** The name of that node. @default none */
  readonly node?: string | undefined;
  /** Further lines of the message. @default none */
  readonly details?: string | undefined;
}

/** Something that was waited for did not happen in time. */
export class TimeoutError extends Error {
  /** `"TimeoutError"`. */
  override readonly name = "TimeoutError";
  /** Milliseconds that were waited. */
  readonly timeout: number;
  /** How often it was tried. */
  readonly tries: number;
  /** The node on which something was waited for; `undefined` of `eventually`. */
  readonly node: string | undefined;

  /** @ignore */
  constructor(waited: Timeout) {
    const { what, state, timeout, seen, cause, where = "", details = "" } = waited;
    const message = `Cannot complete ${what}: ${state} within ${timeout} ms${where}; ${seen}`;
    super(message + details, cause === undefined ? undefined : { cause });
    this.timeout = timeout;
    this.tries = waited.tries;
    this.node = waited.node;
  }
}
