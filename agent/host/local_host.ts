import type {
  Host,
  HostFiles,
  HostInfo,
  HostMachine,
  HostMetrics,
  HostNetwork,
  HostPackets,
  HostProcesses,
} from "./host.ts";
import { HostPaths } from "./host_paths.ts";
import { LocalFiles } from "./local_files.ts";
import { LocalNetwork, type NetworkContext } from "./local_network.ts";
import { LocalProcesses } from "./local_processes.ts";
import { LocalMetrics } from "./metrics/local_metrics.ts";
import { OpenResources } from "./open_resources.ts";
import type { Starter } from "./starter/starter.ts";
import { OwnServices } from "./sockets/own_services.ts";
import { killStrays } from "./stray_processes.ts";
import { ProcessUsers } from "./users/process_users.ts";
import { LocalMachine } from "./machine/local_machine.ts";
import { LocalPackets } from "./packets/local_packets.ts";
import { UntilDone } from "../until_done.ts";

/** What a host on this machine is like. */
export interface LocalHostOptions {
  /** Against which relative paths resolve. It is made if it is missing. */
  readonly rootDir: string;
  /** The environment of its processes; nothing else is inherited. @default empty */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /**
   * Added to the environment of every process, also of those that clear it: disposal finds by it
   * what has left its group. @default nothing is looked for
   */
  readonly marker?: Readonly<Record<string, string>> | undefined;
  /** Refuse changes to files outside of `rootDir`. @default false */
  readonly confine?: boolean | undefined;
  /**
   * Tried in order when the host itself is dialled, unless it has an `ownAddress`.
   * @default ["127.0.0.1", "::1"]
   */
  readonly loopback?: readonly string[] | undefined;
  /**
   * Its own address, where several hosts share a machine: a listener that names none listens there. The
   * host itself is there and, on Linux, at 127.0.0.1 and ::1 as far as what listens there belongs to its
   * processes: they have the `marker`, or are in `rootDir`. @default none: listeners are at 0.0.0.0
   */
  readonly ownAddress?: string | undefined;
  /**
   * Open at once what the first process and connection need, rather than with them. The node may be shared by tests,
   * and sanitizers hold a test responsible for what it was the first to open. @default false
   */
  readonly prepare?: boolean | undefined;
}

/** A {@linkcode Host} that is this machine, or the part of it below one folder. */
export class LocalHost implements Host {
  /** What does not change. */
  readonly info: HostInfo;
  /** Files of this machine. */
  readonly files: HostFiles;
  /** Processes of this machine. */
  readonly processes: HostProcesses;
  /** Connections of this machine. */
  readonly network: HostNetwork;
  /** Packets of this machine. */
  readonly packets: HostPackets;
  /** Processors, memory and disks of this machine. */
  readonly machine: HostMachine;
  /** What it uses of this machine. */
  readonly metrics: HostMetrics;
  readonly #resources = new OpenResources();
  readonly #marker: Readonly<Record<string, string>>;
  readonly #processes: LocalProcesses;
  readonly #network: LocalNetwork;
  readonly #disposal = new UntilDone(() => this.#dispose());

  private constructor(rootDir: string, tempDir: string, options: LocalHostOptions) {
    const { env = {}, marker = {}, confine = false } = options;
    const paths = new HostPaths(rootDir, { confine });
    this.#marker = marker;
    this.info = { rootDir, os: Deno.build.os, arch: Deno.build.arch };
    const users = new ProcessUsers({ rootDir, tempDir: env.TMPDIR });
    this.files = new LocalFiles({ paths, tempDir, users }, this.#resources);
    this.#processes = new LocalProcesses({ paths, env, marker, users }, this.#resources);
    this.processes = this.#processes;
    const started = () => this.#processes.running;
    this.#network = new LocalNetwork(
      { paths, ...placeOf(rootDir, options, started) },
      this.#resources,
    );
    this.network = this.#network;
    this.packets = new LocalPackets(this.#resources);
    this.machine = new LocalMachine(paths, this.#resources);
    const sharesMachine = options.ownAddress !== undefined;
    this.metrics = new LocalMetrics({ sharesMachine, started }, this.#resources);
  }

  /** Makes `rootDir` if it is missing. Nothing is started. */
  static async open(options: LocalHostOptions): Promise<LocalHost> {
    await Deno.mkdir(options.rootDir, { recursive: true });
    const rootDir = await Deno.realPath(options.rootDir);
    const host = new LocalHost(rootDir, await tempDirOf(rootDir, options), options);
    if (options.prepare) {
      host.#network.prepare();
      await host.starter();
    }
    return host;
  }

  /**
   * What processes are started by; `undefined` where it cannot be used. It is closed with the host.
   *
   * @internal
   */
  starter(): Promise<Starter | undefined> {
    return this.#processes.starter();
  }

  /** Ends every process that it started, also those that left their group, and closes all. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.run();
  }

  async #dispose(): Promise<void> {
    try {
      await this.#resources[Symbol.asyncDispose]();
    } finally {
      if (Object.keys(this.#marker).length > 0) await killStrays({ marker: this.#marker });
    }
  }
}

/** What of this machine's addresses is the host's. */
function placeOf(
  rootDir: string,
  { ownAddress, loopback = ["127.0.0.1", "::1"], marker }: LocalHostOptions,
  started: () => number[],
): Omit<NetworkContext, "paths"> {
  if (ownAddress === undefined) return { loopback, listenHostname: "0.0.0.0" };
  const place = { loopback: [ownAddress], listenHostname: ownAddress };
  if (Deno.build.os !== "linux") return place;
  const services = new OwnServices({ traits: { marker, folder: rootDir }, started });
  return { ...place, loopback: [ownAddress, "127.0.0.1", "::1"], services };
}

/** Where temporary files go: an image may have no such folder, or one that cannot be written. */
async function tempDirOf(rootDir: string, { env, confine }: LocalHostOptions): Promise<string> {
  if (env?.TMPDIR !== undefined) return env.TMPDIR;
  if (confine) return rootDir;
  const common = await Deno.stat("/tmp").catch(() => undefined);
  return common?.isDirectory ? "/tmp" : rootDir;
}
