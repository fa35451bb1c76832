import { UntilDone } from "../../agent/until_done.ts";
import { unlessAborted } from "../../agent/unless_aborted.ts";
import type { Host, HostSample } from "../../agent/host/host.ts";
import type {
  AbilityName,
  LossReason,
  NodeNetwork,
  ProvidedNode,
  StoredFiles,
} from "../kit/mod.ts";
import {
  type CommandResult,
  EssentialProcesses,
  NodeOutputs,
  type Process,
  type ProcessContext,
  RUN_KINDS,
  runCommand,
  type RunOptions,
  type SpawnOptions,
  spawnProcess,
} from "../process/mod.ts";
import type { ClusterRecord } from "../record/mod.ts";
import type { Emit } from "../events/mod.ts";
import { NodeFetch } from "../network/mod.ts";
import {
  AuthorCall,
  type CallInFlight,
  type NodeCallOptions,
  type NodeContext,
  NodeLife,
} from "../calls/mod.ts";
import { abilityNames } from "./ability_names.ts";
import { SPAWN_IMAGE_KINDS, spawnImage, type SpawnImageOptions } from "./spawn_image.ts";
import { MetricsFollower, type MetricsFollowerOptions } from "./metrics_follower.ts";
import { NodeActions } from "./node_actions.ts";
import { NodeConnections } from "./node_connections.ts";
import type { NodeChanges } from "./node_changes.ts";

/** Milliseconds that a node has to stop gracefully, of which its processes have five seconds. */
const STOP_TIMEOUT = 8_000;

/** What this package knows of a node besides what its author does. */
export interface NodeInsides {
  /** The host of the node; when the node is gone, it answers as far as it still can. */
  readonly host: Host;
  /** What calls on it need to know. */
  readonly context: NodeContext;
  /** The node as its backend has it. */
  readonly provided: ProvidedNode;
  /** Opens its files; where the backend can reach them, also while the node is down, paused or lost. */
  openFiles(signal: AbortSignal): Promise<StoredFiles>;
  /** Whether the test has given back this node, rather than its whole cluster. */
  readonly isGivenBack: boolean;
  /** The calls on the node that have not ended. */
  readonly callsInFlight: readonly CallInFlight[];
  /** The waits that go on, and have called the node in one of their tries. */
  readonly waits: NodeLife["waits"];
  /** Whether it is down: the test has killed it, and not started it again. */
  readonly isDown: boolean;
  /** Whether the test has paused it, and not resumed it. */
  readonly isPaused: boolean;
  /** How often it was killed, started, paused or resumed. */
  readonly changes: Pick<NodeChanges, "begun" | "ended">;
  /** Waits for a kill, a pause or a resumption that is under way. */
  settled(): Promise<void>;
  /** Waits, within a bound, until the record has all that processes have written by now. */
  flushOutputs(): Promise<void>;
  /**
   * Does what comes before the node is destroyed: its calls fail, and the record gets what its processes
   * have written and what it has used, within a bound. Does not reject.
   */
  prepareDestruction(): Promise<void>;
}

/** The insides of a node. */
export let insidesOf: (node: Node) => NodeInsides;

/** What a cluster makes a node from. */
export interface NodeParts {
  readonly name: string;
  readonly backend: string;
  readonly provided: ProvidedNode;
  /** Id of the network that it is in with others of its backend, if that says nothing else. */
  readonly ownNetwork: string;
  readonly env: Readonly<Record<string, string>>;
  /** How its metrics are recorded; `undefined` if they are not. */
  readonly metrics: Pick<MetricsFollowerOptions, "batch"> | undefined;
  readonly emit: Emit;
  readonly nextId: () => number;
  readonly record: ClusterRecord;
  /** Why all nodes of the cluster end, once they do. */
  readonly clusterEnd: () => LossReason | undefined;
  /** Ends the test early, with a reason. */
  readonly failTest: (reason: unknown) => void;
  /** Aborts when the test was ended early. */
  readonly testFailed: AbortSignal;
  /** Aborts when the test was ended early, and when the cluster ends. */
  readonly testOver: AbortSignal;
  /** Called when the node is up again; the call that has started it waits for this. */
  readonly onUp: (node: Node) => Promise<void>;
  /** Called when the node was given back, so that nothing is left of it. */
  readonly onGivenBack: () => void;
}

/**
 * A machine, a container, or a part of a machine. What `Deno` does on this machine, a node does on its
 * own, under the same name. Made by {@linkcode Cluster.addNode}.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode({ name: "alpha", env: { COLOUR: "blue" } });
 * const { stdout } = await node.run("sh", ["-c", "echo $COLOUR"]);
 * strictEqual(stdout, "blue\n");
 * ```
 */
export class Node extends NodeConnections implements AsyncDisposable {
  /** Unique in its cluster. */
  readonly name: string;
  /** The backend's name: `"local"`, `"docker"`, … */
  readonly backend: string;
  /** The backend's own name for the node: a container's id, an instance's id, a path. */
  readonly id: string;
  /** Absolute path of the folder at which relative paths begin. */
  readonly rootDir: string;
  /** Where other nodes of its network reach it: an IP address. */
  readonly address: string;
  /**
   * The networks that it is in, and its address in each: nodes that share one reach each other there, also
   * nodes of different members of a composed backend.
   */
  readonly networks: readonly NodeNetwork[];
  /** As `Deno.build`, of the node. */
  readonly build: { readonly os: typeof Deno.build.os; readonly arch: typeof Deno.build.arch };
  /**
   * The optional abilities that it has; a member that needs another one throws a `MissingAbilityError`.
   * They may be fewer than those of its cluster: a container in the network of its machine cannot be
   * partitioned.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   * import { local } from "@clustertest/clustertest/local";
   *
   * await using cluster = await Cluster.create(local());
   * const node = await cluster.addNode();
   * strictEqual(node.abilities.includes("pause"), true);
   * strictEqual(node.abilities.includes("partition"), false);
   * ```
   */
  readonly abilities: readonly AbilityName[];
  readonly #provided: ProvidedNode;
  readonly #context: ProcessContext;
  readonly #fetch: NodeFetch;
  readonly #host: Host;
  /** Aborts when a graceful stop has taken too long, or the node is to be destroyed instead. */
  readonly #haste = new AbortController();
  readonly #clusterEnd: NodeParts["clusterEnd"];
  readonly #onGivenBack: NodeParts["onGivenBack"];
  readonly #life: NodeLife;
  readonly #actions: NodeActions;
  readonly #metrics: MetricsFollower | undefined;
  readonly #ending = new UntilDone(() => this.#endOnce());
  /** How the test ends the node. */
  #how: "stopped" | "destroyed" = "destroyed";
  /** The end of its life: what is tried again afterwards is only to give it back. */
  #lifeEnd: Promise<{ readonly wasLost: boolean }> | undefined;

  static {
    insidesOf = (node) => ({
      host: node.#host,
      context: node.#context,
      provided: node.#provided,
      openFiles: (signal) => node.#openFiles(signal),
      isGivenBack: node.#ending.hasBegun && node.#clusterEnd() === undefined,
      callsInFlight: node.#context.life.callsInFlight,
      waits: node.#life.waits,
      flushOutputs: () => node.#actions.flushOutputs(),
      prepareDestruction: () => node.#prepareDestruction(),
      isDown: node.#life.isDown,
      isPaused: node.#actions.isPaused,
      changes: node.#actions.changes,
      settled: () => node.#actions.settled(),
    });
  }

  /** @ignore */
  constructor(parts: NodeParts) {
    const { name, backend, provided, env, emit, nextId, record, failTest, testFailed } = parts;
    const { testOver } = parts;
    const nodeLife = new NodeLife({ node: name, backend }, provided.lost, { testOver, emit });
    const context: ProcessContext = {
      name,
      backend,
      nodeLife,
      get life() {
        return nodeLife.current;
      },
      testFailed,
      emit,
      env,
      nextId,
      outputs: new NodeOutputs(name, record),
      essential: new EssentialProcesses({ node: name, backend, emit, failTest }),
      host: () => this.#host,
    };
    const fetch = new NodeFetch(context);
    super(context, fetch);
    const { rootDir, os, arch } = provided.host.info;
    this.name = name;
    this.backend = backend;
    this.id = provided.id;
    this.rootDir = rootDir;
    this.address = provided.address;
    this.networks = provided.networks ?? [{ id: parts.ownNetwork, address: provided.address }];
    this.build = { os, arch };
    this.abilities = Object.freeze(abilityNames(provided.abilities));
    this.#provided = provided;
    this.#clusterEnd = parts.clusterEnd;
    this.#onGivenBack = parts.onGivenBack;
    this.#context = context;
    this.#life = nodeLife;
    this.#actions = new NodeActions({
      ...{ context, abilities: provided.abilities },
      flushMetrics: () => this.#metrics?.flush() ?? Promise.resolve(),
    });
    this.#host = provided.host;
    this.#fetch = fetch;
    this.#metrics = parts.metrics && new MetricsFollower({
      ...parts.metrics,
      host: this.#host,
      onSample: (sample) => record.takeMetrics(name, sample),
    });
    if (this.#metrics) nodeLife.follow(this.#metrics);
    nodeLife.follow({ up: () => parts.onUp(this) });
  }

  /**
   * Aborts when the node is lost or given back; its reason is a `NodeLostError`. It does not abort when the
   * node is only down, because the test may start it again.
   */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /**
   * Runs a command and waits for its end. Throws a `CommandError` when it fails, unless `check` is
   * `false`; `Deno.errors.NotFound` or `PermissionDenied` when it cannot be started. Aborting kills
   * it and all of its group. Without `args` the command gets no arguments; without `options` it gets no
   * input, runs in `rootDir` with the environment of the node, and has no time limit.
   *
   * A process that the command leaves behind, as `pg_ctl start` does, goes on until the node ends. If it
   * holds the command's outputs open, the call waits until nothing has come for 0.2 seconds, but for some
   * seconds at most; what is written later is not in the result.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * const { stdout } = await node.run("tr", ["a-z", "A-Z"], { input: "loud" });
   * strictEqual(stdout, "LOUD");
   * const { code } = await node.run("false", [], { check: false });
   * strictEqual(code, 1);
   * ```
   */
  async run(
    command: string,
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<CommandResult> {
    const call = new AuthorCall(this.run, {
      ...{ of: [command], options, kinds: RUN_KINDS, isPlaced: true },
    });
    return await runCommand(this.#context, call, { command, args, options });
  }

  /**
   * Starts a process. Resolves once it runs, to a {@linkcode Process} by which it is watched and ended, and
   * rejects when it cannot be started, as {@linkcode Node.run} does. Without `args` it gets no arguments;
   * without `options` it gets no input, runs in `rootDir` with the environment of the node, and may end
   * without failing the test.
   *
   * Disposing the process, or the node, ends it. The node keeps the log of a process that has ended by
   * itself until then.
   */
  async spawn(
    command: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ): Promise<Process> {
    return await spawnProcess(this.#context, { spawn: this.spawn, command, args, options });
  }

  /**
   * Starts the program of the node's image: its entrypoint and command, as its user and in its working
   * folder, with the environment of all processes of the node. Takes the options of {@linkcode Node.spawn},
   * and resolves to a {@linkcode Process}, too. With `healthy`, it waits until the image's `HEALTHCHECK`
   * succeeds. An ability of containers.
   */
  async spawnImage(options: SpawnImageOptions = {}): Promise<Process> {
    const { testFailed: over, life } = this.#context;
    const call = new AuthorCall(this.spawnImage, {
      ...{ options, kinds: SPAWN_IMAGE_KINDS, over, isPlaced: true },
    });
    life.check(call);
    const ability = this.#provided.abilities.spawnImage;
    if (!ability) throw call.located(this.#actions.missing("spawnImage"));
    const { program } = ability;
    return await spawnImage(this.#context, call, { spawnImage: this.spawnImage, program, options });
  }

  /**
   * What the node uses of its machine at this moment, for example to assert that memory stays below a
   * bound. Counters such as `cpu` grow from one call to the next. `scope` says what is counted: a whole
   * machine, a container, or, where nodes share a machine, the processes that the test has started. Rejects
   * with `Deno.errors.NotSupported` where the node does not run Linux.
   *
   * ```ts
   * import { ok } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using server = await node.spawn("sleep", ["60"]);
   * const { memory, processes } = await node.metrics();
   * ok(memory! < 2 ** 30);
   * ok(processes.some(({ pid }) => pid === server.pid));
   * ```
   */
  async metrics(options?: NodeCallOptions): Promise<HostSample> {
    return await this.#context.life.during(
      new AuthorCall(this.metrics, { options }),
      (signal) => this.#host.metrics.sample({ signal }),
    );
  }

  /**
   * Ends everything on the node suddenly, as a power cut would. Resolves once nothing on it acts any more.
   * An ability.
   *
   * Where the backend has the ability "start", the node is then _down_: it keeps its name, its address and
   * its files for {@linkcode Node.start}. Calls on it, and everything that is under way or open, fail at
   * once with a `NodeDownError`; its forwards refuse connections until it is up again; `log()` of its
   * processes still has what they wrote. Does nothing to a node that is down. Where that ability is
   * missing, the node is lost.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create(undefined, { needs: ["kill", "start"] });
   * const node = await cluster.addNode();
   * await node.writeTextFile("journal", "committed");
   * await node.kill();
   * await node.start();
   * strictEqual(await node.readTextFile("journal"), "committed");
   * ```
   */
  async kill(): Promise<void> {
    await this.#actions.kill(new AuthorCall(this.kill));
  }

  /**
   * Starts a node that was killed, with its name, its address and its files; its processes have to be
   * started again by the test. Waits for a kill that is under way, and does nothing to a node that is up.
   * An ability.
   *
   * If `signal` aborts, or the node is killed meanwhile, it stays down, and can be started later. A node
   * that fails to start for another reason is lost.
   */
  async start(options?: NodeCallOptions): Promise<void> {
    await this.#actions.start(new AuthorCall(this.start, { options }));
  }

  /**
   * Freezes everything on the node, its agent included. Calls on it wait until it is resumed; a pause that
   * is longer than the timeout of heartbeats, a minute by default, may lose the node. A node that is down
   * cannot be paused, and a kill ends a pause. An ability.
   */
  async pause(): Promise<void> {
    await this.#actions.pause(new AuthorCall(this.pause));
  }

  /** Resumes a paused node. Goes with the ability "pause". */
  async resume(): Promise<void> {
    await this.#actions.resume(new AuthorCall(this.resume));
  }

  /**
   * Kills the node and starts it again at once: see {@linkcode Node.kill} and {@linkcode Node.start}. The
   * `signal` gives up the start, not the kill. An ability, which goes with those two.
   */
  async restart(options?: NodeCallOptions): Promise<void> {
    await this.#actions.restart(new AuthorCall(this.restart, { options }));
  }

  /**
   * Asks the node's processes to end, waits for that within a bound, and gives the node back. Idempotent;
   * if it fails, it can be tried again. Afterwards its name is free for another node.
   */
  stop(): Promise<void> {
    return this.#end("stopped", new AuthorCall(this.stop));
  }

  /**
   * Ends the node and all its processes at once, and gives it back. Idempotent; if it fails, it can be
   * tried again. Afterwards its name is free for another node.
   */
  destroy(): Promise<void> {
    return this.#end("destroyed", new AuthorCall(this.destroy));
  }

  /** As {@linkcode Node.destroy}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#end("destroyed", new AuthorCall(this[Symbol.asyncDispose]));
  }

  #end(how: "stopped" | "destroyed", call: AuthorCall): Promise<void> {
    this.#expectEnd(how);
    return call.during(() => this.#ending.run());
  }

  async #prepareDestruction(): Promise<void> {
    this.#expectEnd("destroyed");
    await this.#endLife();
  }

  #expectEnd(how: "stopped" | "destroyed"): void {
    if (how === "destroyed") this.#haste.abort();
    if (!this.#ending.hasBegun) this.#how = how;
  }

  async #endOnce(): Promise<void> {
    const { emit, outputs, name: node } = this.#context;
    const how = this.#how;
    const { wasLost } = await this.#endLife();
    try {
      await this.#provided.destroy();
    } finally {
      await this.#fetch[Symbol.asyncDispose]();
      await outputs[Symbol.asyncDispose]();
      await this.#metrics?.[Symbol.asyncDispose]();
    }
    this.#onGivenBack();
    if (!wasLost) emit({ type: "node-stopped", node, how });
  }

  #endLife(): Promise<{ readonly wasLost: boolean }> {
    return this.#lifeEnd ??= this.#endLifeOnce(this.#how);
  }

  async #endLifeOnce(how: "stopped" | "destroyed"): Promise<{ readonly wasLost: boolean }> {
    const life = this.#life;
    this.#context.essential.expectEnds();
    const wasLost = life.signal.aborted;
    const wasDown = life.isDown;
    // Calls in flight may end by themselves while the node stops; those that do not fail at once.
    if (how === "stopped" && !wasDown) await this.#endProcesses();
    life.end(this.#clusterEnd() ?? { summary: `it was ${how} by the test` });
    if (!wasLost && !wasDown) {
      const flushed = this.#actions.isPaused ? undefined : this.#metrics?.finish();
      await Promise.all([this.#actions.flushOutputs(), flushed]);
    }
    return { wasLost };
  }

  async #openFiles(signal: AbortSignal): Promise<StoredFiles> {
    const { life } = this.#context;
    await unlessAborted(this.#actions.killed(), signal);
    const isAway = life.isDown || life.signal.aborted || this.#actions.isPaused;
    const { openStoredFiles } = this.#provided;
    if (isAway && openStoredFiles) return await openStoredFiles(signal);
    return { files: this.#host.files, [Symbol.asyncDispose]: () => Promise.resolve() };
  }

  /** Asks the processes to end. Failing at that does not keep the node from being given back. */
  async #endProcesses(): Promise<void> {
    const signal = AbortSignal.any([this.signal, this.#haste.signal]);
    const enough = setTimeout(() => this.#haste.abort(), STOP_TIMEOUT);
    await this.#host.processes.end({ signal }).catch(() => {});
    clearTimeout(enough);
  }
}
