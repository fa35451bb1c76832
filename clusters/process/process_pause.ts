import type { HostProcess } from "../../agent/host/host.ts";
import { type AuthorCall, emitAfter, type Lifeline } from "../calls/mod.ts";
import type { ProcessActionType } from "../events/mod.ts";
import type { ProcessContext } from "./process_context.ts";

/** Signals after which a paused process still stands still. */
const STOPPING: ReadonlySet<string> = new Set(["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"]);

/** A process that may be paused. */
export interface PausableProcess {
  readonly process: HostProcess;
  readonly life: Lifeline;
  readonly context: ProcessContext;
  /** Unique in its cluster. */
  readonly number: number;
  /** The command and its arguments. */
  readonly command: readonly string[];
}

/** Whether a process stands still, and how that changes. */
export class ProcessPause {
  readonly #parts: PausableProcess;
  #isOn = false;

  constructor(parts: PausableProcess) {
    this.#parts = parts;
  }

  /** Whether it stands still. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** For `process.pause`. */
  async pause(call: AuthorCall): Promise<void> {
    await this.#act("process-paused", call, async (process) => {
      await process.pause();
      this.#isOn = true;
    });
  }

  /** For `process.resume`. */
  async resume(call: AuthorCall): Promise<void> {
    await this.#act("process-resumed", call, async (process) => {
      await process.resume();
      this.#isOn = false;
    });
  }

  /** It has got a signal. */
  signalled(signal: string): void {
    if (!STOPPING.has(signal)) this.#isOn = false;
  }

  async #act(
    type: ProcessActionType,
    call: AuthorCall,
    act: (process: HostProcess) => Promise<void>,
  ): Promise<void> {
    const { process: host, life, number, command, context: { emit, name: node } } = this.#parts;
    const process = `process${number}`;
    await emitAfter(
      () => life.during(call, () => act(host)),
      (end) => emit({ type, node, process, command, ...end }),
    );
  }
}
