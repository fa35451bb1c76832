import { type HostProcess, OUTPUT_LOG_SIZE, type OutputLog } from "../../agent/host/host.ts";
import type { AuthorCall, Lifeline } from "../calls/mod.ts";
import type { LiveOutputs, OutputName } from "./live_outputs.ts";

/** What a log is made of. */
export interface ProcessLogParts {
  readonly process: HostProcess;
  readonly live: LiveOutputs;
  /** The uptime of the node in which the process was started. */
  readonly life: Lifeline;
}

/** The latest bytes that a process has written: those of its node, or of the record. */
export class ProcessLog {
  readonly #parts: ProcessLogParts;

  constructor(parts: ProcessLogParts) {
    this.#parts = parts;
  }

  /** For a call of the author, which fails with the node, unless that is down. */
  async read(call: AuthorCall): Promise<OutputLog> {
    const { life } = this.#parts;
    return life.isDown ? this.#recorded() : await life.during(call, () => this.#read());
  }

  /** What there is, wherever that is: the host may be gone, and the test go on. */
  async kept(): Promise<OutputLog> {
    return await this.#parts.process.log().catch(() => this.#recorded());
  }

  async #read(): Promise<OutputLog> {
    const { process, life } = this.#parts;
    try {
      return await process.log();
    } catch (error) {
      // The test may have killed the node meanwhile.
      if (life.isDown) return this.#recorded();
      throw error;
    }
  }

  #recorded(): OutputLog {
    const { live } = this.#parts;
    const latest = (name: OutputName) => {
      const bytes = live.record.latest(name, OUTPUT_LOG_SIZE);
      return { bytes, dropped: Math.max(0, live.end(name) - bytes.length) };
    };
    return { stdout: latest("stdout"), stderr: latest("stderr") };
  }
}
