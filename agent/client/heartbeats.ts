import type { RunnerIdentity } from "../identity/identity.ts";
import type { KnownAgent } from "./agent_link.ts";
import type { ClockReading, HeartbeatCommand } from "./heartbeat_messages.ts";

/** Keeps the leases of agents, from a thread of its own. */
export class Heartbeats implements Disposable {
  readonly #worker: Worker;

  constructor(
    runner: RunnerIdentity,
    options: { interval: number; onClock: (reading: ClockReading) => void },
  ) {
    const url = new URL("./heartbeat_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module", name: "clustertest heartbeats" });
    this.#worker.onmessage = ({ data }: MessageEvent<ClockReading>) => options.onClock(data);
    const { certificate, privateKey } = runner;
    this.#tell({ type: "begin", interval: options.interval, certificate, privateKey });
  }

  /** Sends heartbeats to an agent, until the result is disposed. */
  keep(node: string, agent: KnownAgent): Disposable {
    this.#tell({ type: "add", node, agent });
    return { [Symbol.dispose]: () => this.#tell({ type: "remove", node }) };
  }

  /** Sends no more. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #tell(command: HeartbeatCommand): void {
    this.#worker.postMessage(command);
  }
}
