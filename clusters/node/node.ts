import { UntilDone } from "../../agent/until_done.ts";
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
import {
  describeTarget,
  Forward,
  type ForwardOptions,
  listenOn,
  NodeConnection,
  NodeFetch,
  NodeListener,
  ReverseForward,
  type ReverseForwardOptions,
} from "../network/mod.ts";
import {
  AuthorCall,
  type CallInFlight,
  type NodeCallOptions,
  type NodeContext,
  NodeLife,
} from "../calls/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { NodeFiles, publicUrl } from "../files/mod.ts";
import { abilityNames } from "./ability_names.ts";
import { checkPort } from "./check_port.ts";
import { SPAWN_IMAGE_KINDS, spawnImage, type SpawnImageOptions } from "./spawn_image.ts";
import { WAIT_FOR_HTTP_KINDS, waitForHttp, type WaitForHttpOptions } from "./wait_for_http.ts";
import { WAIT_FOR_PORT_KINDS, waitForPort, type WaitForPortOptions } from "./wait_for_port.ts";
import { addressOf, type ConnectOptions, type ListenOptions, targetOf } from "./connect_options.ts";
import { MetricsFollower, type MetricsFollowerOptions } from "./metrics_follower.ts";
import { NodeActions } from "./node_actions.ts";

/** Milliseconds that a node has to stop gracefully, of which its processes have five seconds. */
const STOP_TIMEOUT = 8_000;

/** What this package knows of a node besides what its author does. */
export interface NodeInsides {
  /** Also of a node that is gone, as far as that still answers. */
  readonly host: Host;
  /** What calls on it need to know. */
  readonly context: NodeContext;
  /** The node as its backend has it. */
  readonly provided: ProvidedNode;
  /** Its files, also while it is down or paused, or after it was lost, where its backend can reach them. */
  openFiles(signal: AbortSignal): Promise<StoredFiles>;
  /** Whether the test has given back this node, rather than its whole cluster. */
  readonly isGivenBack: boolean;
  /** What the test waits for. */
  readonly callsInFlight: readonly CallInFlight[];
  /** Whether the test has killed it, and not started it again. */
  readonly isDown: boolean;
  /** Whether the test has paused it, and not let it go on. */
  readonly isPaused: boolean;
  /** Waits, within a bound, until the record has what processes wrote until now. */
  flushOutputs(): Promise<void>;
}

/** The insides of a node. */
export let insidesOf: (node: Node) => NodeInsides;

/** What a cluster knows of a node that it makes. */
export interface NodeParts {
  readonly name: string;
  readonly backend: string;
  readonly provided: ProvidedNode;
  /** Id of the network that it is in with others of its backend, if that says nothing else. */
  readonly ownNetwork: string;
  readonly env: Readonly<Record<string, string>>;
  /** How what it uses is recorded; `undefined` if it is not. */
  readonly metrics: Pick<MetricsFollowerOptions, "batch"> | undefined;
  readonly emit: Emit;
  readonly nextId: () => number;
  readonly record: ClusterRecord;
  /** Why all nodes of the cluster end, once they do. */
  readonly clusterEnd: () => LossReason | undefined;
  /** Says that the test is over before its time, for a reason. */
  readonly failTest: (reason: unknown) => void;
  /** Aborts once somebody has said so. */
  readonly testFailed: AbortSignal;
  /** Aborts then as well, and when the cluster ends. */
  readonly testOver: AbortSignal;
  /** Called once the node is up again; the call that has started it waits for this. */
  readonly onUp: (node: Node) => Promise<void>;
  /** Called once nothing is left of the node. */
  readonly onGivenBack: () => void;
}

/**
 * A machine, or a part of one: what one can do with `Deno` on this machine one can do with a node on
 * its machine, under the same name. Made by {@linkcode Cluster.addNode}.
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
export class Node extends NodeFiles implements AsyncDisposable {
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
   * What it can do beyond what all nodes can: those that a node of the same backend lacks throw a
   * `MissingAbilityError`. A node may have less than its cluster says, as a container in the network of its
   * machine has no partitions.
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
  /** Aborts when a graceful stop is to be waited for no longer. */
  readonly #haste = new AbortController();
  readonly #clusterEnd: NodeParts["clusterEnd"];
  readonly #onGivenBack: NodeParts["onGivenBack"];
  readonly #life: NodeLife;
  readonly #actions: NodeActions;
  readonly #metrics: MetricsFollower | undefined;
  readonly #ending = new UntilDone(() => this.#endOnce());
  /** How the test ends it: a node that is to be destroyed is not waited for any more. */
  #how: "stopped" | "destroyed" = "destroyed";
  #wasLost: boolean | undefined;

  static {
    insidesOf = (node) => ({
      host: node.#host,
      context: node.#context,
      provided: node.#provided,
      openFiles: (signal) => node.#openFiles(signal),
      isGivenBack: node.#ending.hasBegun && node.#clusterEnd() === undefined,
      callsInFlight: node.#context.life.callsInFlight,
      flushOutputs: () => node.#actions.flushOutputs(),
      isDown: node.#life.isDown,
      isPaused: node.#actions.isPaused,
    });
  }

  /** @ignore */
  constructor(parts: NodeParts) {
    const { name, backend, provided, env, emit, nextId, record, failTest, testFailed } = parts;
    const { testOver } = parts;
    const nodeLife = new NodeLife({ node: name, backend }, provided.lost, { testOver });
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
    super(context);
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
    this.#actions = new NodeActions({ context, abilities: provided.abilities });
    this.#host = provided.host;
    this.#fetch = new NodeFetch(context);
    this.#metrics = parts.metrics && new MetricsFollower({
      ...parts.metrics,
      host: this.#host,
      onSample: (sample) => record.takeMetrics(name, sample),
    });
    if (this.#metrics) nodeLife.follow(this.#metrics);
    nodeLife.follow({ up: () => parts.onUp(this) });
  }

  /**
   * Aborts when the node is lost or given back; its reason is a `NodeLostError`. It does not while the node
   * is down, so that the test can start it again.
   */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /**
   * Runs a command and waits for its end. Throws a `CommandError` when it fails, unless `check` is
   * `false`; `Deno.errors.NotFound` or `PermissionDenied` when it cannot be started. Aborting kills
   * it and all of its group. Without `args` the command has none; without `options` it gets no input, runs
   * in `rootDir` with the environment of the node, and may take as long as it wants.
   *
   * A process that it leaves behind, as `pg_ctl start` does, goes on until the node ends. If that
   * holds the command's outputs open, they are waited for until nothing has come for 0.2 seconds, or
   * for some seconds at most; what is written later is not in the result.
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
   * Starts a process. Resolves once it runs, and rejects when it cannot be started; what it does then
   * is in the {@linkcode Process}. Without `args` it has none; without `options` it gets no input, runs in
   * `rootDir` with the environment of the node, and its end fails no test. Dispose that, or the node, to end it; of one that has ended by
   * itself the node keeps the log until then.
   */
  async spawn(
    command: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ): Promise<Process> {
    return await spawnProcess(this.#context, { spawn: this.spawn, command, args, options });
  }

  /**
   * Starts what the node's image is for: its entrypoint and its command, as its user and in its folder,
   * with the environment of all processes of the node. What that does is in the {@linkcode Process}, as
   * with {@linkcode Node.spawn}, which takes the same options. With `healthy`, waits until the image's
   * `HEALTHCHECK` succeeds. An ability of containers.
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
   * What the node uses of its machine now: to assert that memory stays below a bound, say. Counters such as
   * `cpu` grow from one call to the next. What is counted is in `scope`: all of a machine, a container, or
   * where nodes share a machine the processes that the test has started. Rejects with
   * `Deno.errors.NotSupported` where the node does not run Linux.
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

  /** The node's name for itself, as its operating system has it now. */
  async hostname(options?: NodeCallOptions): Promise<string> {
    return await this.#context.life.during(
      new AuthorCall(this.hostname, { options }),
      (signal) => this.#host.network.hostname({ signal }),
    );
  }

  /**
   * Opens a connection from the node. Rejects as `Deno.connect` does.
   *
   * Without `hostname` it goes to the node itself: to its own address, or to its 127.0.0.1 or ::1. Nodes
   * of `local` and `loopback` share these with their machine, so there it goes to what processes of the
   * node have, and what it has from others is refused with `ConnectionRefused`, which says whose it is.
   * On macOS it goes to 127.0.0.1, whatever listens there.
   */
  async connect(options: ConnectOptions): Promise<NodeConnection> {
    const { life, emit } = this.#context;
    const call = new AuthorCall(this.connect, { options, ...addressOf(options) });
    const target = targetOf(options);
    const connection = await life.during(
      call,
      (signal) => this.#host.network.dial(target, { signal }),
    );
    const tunnel = `tunnel${this.#context.nextId()}`;
    const about = { node: this.name, tunnel };
    emit({ type: "tunnel-opened", ...about, target: describeTarget(target) });
    return new NodeConnection(connection, life, () => emit({ type: "tunnel-closed", ...about }));
  }

  /** Opens a listener on the node, whose connections arrive in the test. */
  async listen(options: ListenOptions): Promise<NodeListener> {
    const { life } = this.#context;
    const call = new AuthorCall(this.listen, { options, ...addressOf(options) });
    const target = targetOf(options);
    const listener = await life.during(
      call,
      (signal) => listenOn(this.#context, target, signal),
    );
    return new NodeListener(listener, life);
  }

  /**
   * Opens a port of this machine that leads to a port of the node, or of what it can reach. What ends
   * or resets a connection there does so here, and the other way round; one that the node cannot make
   * is reset.
   */
  async forward(port: number, options: ForwardOptions = {}): Promise<Forward> {
    const call = new AuthorCall(this.forward, { of: [port], options, kinds: FORWARD_KINDS });
    const { hostname, localPort = 0 } = options;
    checkPort(port, 1);
    checkPort(localPort, 0);
    const target = {
      transport: "tcp",
      port,
      ...hostname === undefined ? {} : { hostname },
    } as const;
    return await Forward.open(this.#context, call, { target, localPort });
  }

  /**
   * Opens a port of the node that leads to a port of this machine, for servers that the test plays.
   * Only the node itself reaches it, unless `hostname` says otherwise. What is at `port` here may come
   * and go meanwhile.
   */
  async reverseForward(
    port: number,
    options: ReverseForwardOptions = {},
  ): Promise<ReverseForward> {
    const call = new AuthorCall(this.reverseForward, {
      of: [port],
      options,
      kinds: REVERSE_FORWARD_KINDS,
    });
    const { hostname, port: nodePort = 0 } = options;
    checkPort(port, 1);
    checkPort(nodePort, 0);
    const place = { transport: "tcp", port: nodePort } as const;
    return await ReverseForward.open(this.#context, call, {
      localPort: port,
      target: hostname === undefined ? { ...place, reach: "host" } : { ...place, hostname },
    });
  }

  /**
   * Makes an HTTP request from the test to a service on the node, over a connection that the node
   * opens. `localhost` is the node itself, and other names are resolved by the node. Proxies that the
   * environment names have no part in it. HTTP/1.1, also with `https:`, where the certificate is
   * verified as by the global `fetch`; `client` of `init` is not looked at.
   *
   * Rejects with a `TypeError` whose `cause` says why, as "connection refused" or an unknown name.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using listener = await node.listen({ port: 0 });
   * const response = node.fetch(`http://localhost:${(listener.addr as Deno.NetAddr).port}/`);
   * await using service = await listener.accept();
   * await service.read(new Uint8Array(1024)); // A client may drop an answer that precedes its request.
   * await service.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
   * strictEqual(await (await response).text(), "ok");
   * ```
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const url = publicUrl(input instanceof Request ? input.url : input);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    return this.#fetch.fetch(new AuthorCall(this.fetch, { of: [url], signal }), input, init);
  }

  /**
   * Waits until a connection from the node to a port of it is accepted, or to one of `hostname`. Rejects
   * with a `TimeoutError` when the time is over, with a `ProcessEndedError` when the process of `while`
   * ends before, and with the reason of `cluster.signal` when the test is over: so a service that dies
   * is not waited for.
   *
   * ```ts
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using listener = await node.listen({ port: 0 });
   * await node.waitForPort((listener.addr as Deno.NetAddr).port);
   * ```
   */
  async waitForPort(port: number, options: WaitForPortOptions = {}): Promise<void> {
    const { testFailed: over } = this.#context;
    const kinds = WAIT_FOR_PORT_KINDS;
    const call = new AuthorCall(this.waitForPort, {
      ...{ of: [port], options, kinds, over, isPlaced: true },
    });
    await waitForPort(this.#context, call, { port, options });
  }

  /**
   * Waits until an HTTP service answers with a status from 200 to 299, or with another one that is asked
   * for; requests are made as by {@linkcode Node.fetch}. A path such as `"/health"` is one of the node
   * itself, at port 80. Redirects are not followed. Rejects as {@linkcode Node.waitForPort} does.
   */
  async waitForHttp(url: string | URL, options: WaitForHttpOptions = {}): Promise<void> {
    const { testFailed: over } = this.#context;
    const [of, kinds] = [[publicUrl(url)], WAIT_FOR_HTTP_KINDS];
    const call = new AuthorCall(this.waitForHttp, {
      ...{ of, options, kinds, over, isPlaced: true },
    });
    await waitForHttp(this.#context, call, { fetch: this.#fetch, url, options });
  }

  /**
   * Ends everything on the node suddenly, as a power cut would. Resolves once nothing on it acts any more.
   * An ability.
   *
   * Where the backend has the ability "start", the node is then _down_: its name, its address and its
   * files wait for {@linkcode Node.start}. Calls on it, and what was under way or open, fail at once with a
   * `NodeDownError`; forwards refuse, until it is up again; `log()` of its processes has what they wrote.
   * Does nothing to a node that is down. Where that ability is missing, the node is lost.
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
   * Gives a node back that was killed, with its name, its address and its files; what ran there has to be
   * started anew. Does nothing to a node that is up, and waits for a kill that is under way. An ability.
   *
   * Aborting `signal` leaves the node down: it can be started later. So does a kill meanwhile. A node that
   * does not come up again for another reason is lost.
   */
  async start(options?: NodeCallOptions): Promise<void> {
    await this.#actions.start(new AuthorCall(this.start, { options }));
  }

  /**
   * Stops the clock of everything on the node, its agent's too. What is asked of the node waits until
   * it goes on; a pause that is longer than the heartbeat's timeout, a minute by default, may lose it.
   * A node that is down cannot be paused, and one that is killed is paused no more. An ability.
   */
  async pause(): Promise<void> {
    await this.#actions.pause(new AuthorCall(this.pause));
  }

  /** Lets a paused node go on. An ability. */
  async resume(): Promise<void> {
    await this.#actions.resume(new AuthorCall(this.resume));
  }

  /**
   * Kills the node and starts it again, without a pause in between: see {@linkcode Node.kill} and
   * {@linkcode Node.start}, of which the `signal` is. An ability, which goes with those two.
   */
  async restart(options?: NodeCallOptions): Promise<void> {
    await this.#actions.restart(new AuthorCall(this.restart, { options }));
  }

  /**
   * Lets what runs there end by itself, within a bound, and gives the node back. Idempotent; if it
   * fails, it can be tried again. Then its name is free for another node.
   */
  stop(): Promise<void> {
    return this.#end("stopped", new AuthorCall(this.stop));
  }

  /**
   * Gives the node back at once, and with it all that runs there. Idempotent; if it fails, it can be
   * tried again. Then its name is free for another node.
   */
  destroy(): Promise<void> {
    return this.#end("destroyed", new AuthorCall(this.destroy));
  }

  /** As {@linkcode Node.destroy}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#end("destroyed", new AuthorCall(this[Symbol.asyncDispose]));
  }

  #end(how: "stopped" | "destroyed", call: AuthorCall): Promise<void> {
    if (how === "destroyed") this.#haste.abort();
    if (!this.#ending.hasBegun) this.#how = how;
    return call.during(() => this.#ending.run());
  }

  async #endOnce(): Promise<void> {
    const { emit, outputs, essential, name: node } = this.#context;
    const life = this.#life;
    essential.expectEnds();
    const how = this.#how;
    const isFirst = this.#wasLost === undefined;
    const wasLost = this.#wasLost ??= life.signal.aborted;
    const wasDown = life.isDown;
    // Calls in flight may end by themselves while the node stops; those that do not fail at once.
    if (how === "stopped" && !life.isDown) await this.#endProcesses();
    life.end(this.#clusterEnd() ?? { summary: `it was ${how} by the test` });
    if (isFirst && !wasLost && !wasDown) {
      const flushed = this.#actions.isPaused ? undefined : this.#metrics?.finish();
      await Promise.all([this.#actions.flushOutputs(), flushed]);
    }
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

  async #openFiles(signal: AbortSignal): Promise<StoredFiles> {
    const { life } = this.#context;
    const isAway = life.isDown || life.signal.aborted || this.#actions.isPaused;
    const { openStoredFiles } = this.#provided;
    if (isAway && openStoredFiles) return await openStoredFiles(signal);
    return { files: this.#host.files, [Symbol.asyncDispose]: () => Promise.resolve() };
  }

  /** A node whose processes cannot be asked to end is given back all the same. */
  async #endProcesses(): Promise<void> {
    const signal = AbortSignal.any([this.signal, this.#haste.signal]);
    const enough = setTimeout(() => this.#haste.abort(), STOP_TIMEOUT);
    await this.#host.processes.end({ signal }).catch(() => {});
    clearTimeout(enough);
  }
}

const FORWARD_KINDS: OptionKinds<ForwardOptions> = {
  hostname: kinds.text,
  localPort: kinds.number(),
};

const REVERSE_FORWARD_KINDS: OptionKinds<ReverseForwardOptions> = {
  hostname: kinds.text,
  port: kinds.number(),
  signal: kinds.signal,
};
