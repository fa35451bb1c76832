import type { RunnerIdentity } from "../identity/identity.ts";
import type { KnownAgent } from "./agent_tls.ts";
import type { ClockReading, HeartbeatCommand, HeartbeatReport } from "./heartbeat_messages.ts";

/** How leases are kept. */
export interface HeartbeatsOptions {
  /** Milliseconds between two heartbeats to one agent. */
  readonly interval: number;
  readonly onClock: (reading: ClockReading) => void;
  /** Called with what the thread threw and nobody caught; it goes on. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/** A lease that is kept. Disposing it stops that. */
export interface KeptLease extends Disposable {
  /** Sends the heartbeats to where the agent is from now on. */
  move(agent: KnownAgent): void;
}

/** Keeps the leases of agents, from a thread of its own. */
export class Heartbeats implements Disposable {
  readonly #worker: Worker;

  constructor(
    runner: RunnerIdentity,
    options: HeartbeatsOptions,
  ) {
    const url = new URL("./heartbeat_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module", name: "clustertest heartbeats" });
    this.#worker.onmessage = ({ data }: MessageEvent<HeartbeatReport>) => {
      if (data.type === "clock") options.onClock(data);
      else options.onFailure?.(data.message);
    };
    const { certificate, privateKey } = runner;
    this.#tell({ type: "begin", interval: options.interval, certificate, privateKey });
  }

  /** Sends heartbeats to an agent, until the result is disposed. */
  keep(node: string, agent: KnownAgent): KeptLease {
    this.#tell({ type: "add", node, agent });
    return {
      move: (agent) => {
        this.#tell({ type: "remove", node });
        this.#tell({ type: "add", node, agent });
      },
      [Symbol.dispose]: () => this.#tell({ type: "remove", node }),
    };
  }

  /** Sends no more. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #tell(command: HeartbeatCommand): void {
    this.#worker.postMessage(command);
  }
}
