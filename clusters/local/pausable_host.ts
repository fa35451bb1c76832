import type {
  Host,
  HostFiles,
  HostInfo,
  HostMachine,
  HostMetrics,
  HostNetwork,
  HostPackets,
  HostProcess,
  HostProcesses,
} from "../../agent/host/host.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/**
 * Whether what a node is asked for is done at once. While it is paused, everything waits, as it does
 * where an agent is paused with all the rest.
 */
export class PauseGate {
  #opened: PromiseWithResolvers<void> | undefined;
  readonly #starts = new Set<Promise<unknown>>();

  /** Lets nothing through from now on; resolves when no process is just being started. */
  async close(): Promise<void> {
    this.#opened ??= Promise.withResolvers();
    await Promise.allSettled(this.#starts);
  }

  /** Lets all calls through, also those that wait. */
  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /** Does `work` when the gate is open; rejects with the reason of `signal` if that aborts before. */
  async pass<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    while (this.#opened) {
      const { promise } = this.#opened;
      await (signal ? unlessAborted(promise, signal) : promise);
    }
    return await work();
  }

  /** As {@linkcode pass}, for a start that `close` waits for. */
  start<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.pass(() => {
      const start = work();
      const ended = () => this.#starts.delete(start);
      this.#starts.add(start);
      start.then(ended, ended);
      return start;
    }, signal);
  }
}

/** A host whose calls wait at a gate. What is open, such as a file or a connection, does not. */
export class PausableHost implements Host {
  readonly info: HostInfo;
  readonly files: HostFiles;
  readonly processes: HostProcesses;
  readonly network: HostNetwork;
  readonly packets: HostPackets;
  readonly machine: HostMachine;
  readonly metrics: HostMetrics;
  readonly #host: Host;

  constructor(host: Host, gate: PauseGate) {
    this.#host = host;
    this.info = host.info;
    this.files = gatedFiles(host.files, gate);
    this.processes = gatedProcesses(host.processes, gate);
    this.network = gatedNetwork(host.network, gate);
    this.packets = host.packets;
    this.machine = host.machine;
    this.metrics = gatedMetrics(host.metrics, gate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }
}

function gatedFiles(files: HostFiles, gate: PauseGate): HostFiles {
  return {
    call: (operation, args, options) =>
      gate.pass(() => files.call(operation, args, options), options?.signal),
    read: (path, options) => gate.pass(() => files.read(path, options), options?.signal),
    write: (path, options) => gate.pass(() => files.write(path, options), options?.signal),
    open: (path, options) => gate.pass(() => files.open(path, options), options?.signal),
    readTree: (path, options) => gate.pass(() => files.readTree(path, options), options?.signal),
    writeTree: (path, options) => gate.pass(() => files.writeTree(path, options), options?.signal),
    download: (url, path, options) =>
      gate.pass(() => files.download(url, path, options), options?.signal),
  };
}

function gatedProcesses(processes: HostProcesses, gate: PauseGate): HostProcesses {
  return {
    start: async (spec, options) => {
      const start = () => processes.start(spec, options);
      return gatedProcess(await gate.start(start, options?.signal), gate);
    },
    follow: (options) => processes.follow(options),
    end: (options) => gate.pass(() => processes.end(options), options?.signal),
    kill: (options) => gate.pass(() => processes.kill(options), options?.signal),
  };
}

/** A signal may let a process go on that was paused itself; to be killed it need not. */
function gatedProcess(process: HostProcess, gate: PauseGate): HostProcess {
  return {
    pid: process.pid,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    status: process.status,
    kill: (signal) => {
      const kill = () => process.kill(signal);
      return signal === "SIGKILL" ? kill() : gate.pass(kill);
    },
    pause: () => gate.pass(() => process.pause()),
    resume: () => gate.pass(() => process.resume()),
    resize: (size) => process.resize(size),
    log: () => process.log(),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

function gatedNetwork(network: HostNetwork, gate: PauseGate): HostNetwork {
  return {
    dial: (target, options) => gate.pass(() => network.dial(target, options), options?.signal),
    listen: (target, options) => gate.pass(() => network.listen(target, options), options?.signal),
    hostname: (options) => gate.pass(() => network.hostname(options), options?.signal),
  };
}

/** What is followed goes on: a node that stands still uses no processor, which is seen. */
function gatedMetrics(metrics: HostMetrics, gate: PauseGate): HostMetrics {
  return {
    sample: (options) => gate.pass(() => metrics.sample(options), options?.signal),
    follow: (options) => metrics.follow(options),
  };
}
