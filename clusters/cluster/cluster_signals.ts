import { messageOf } from "../../agent/host/described_error.ts";
import type { LossReason } from "../kit/mod.ts";

/** The ends of a cluster and of its test, which may be over before the cluster is. */
export class ClusterSignals {
  readonly #disposed = new AbortController();
  readonly #over = new AbortController();
  /** Aborts when the test fails, as `#over` does, but not when the cluster ends: its nodes tell of that. */
  readonly #failed = new AbortController();
  #reason: LossReason | undefined;
  readonly #failures: unknown[] = [];

  /** Aborts when the cluster is disposed of. */
  get disposed(): AbortSignal {
    return this.#disposed.signal;
  }

  /** Aborts when the test has failed, or the cluster is disposed of. */
  get testOver(): AbortSignal {
    return this.#over.signal;
  }

  /** Aborts when the test has failed. */
  get testFailed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Why the nodes of the cluster end, once they all do. */
  get reason(): LossReason | undefined {
    return this.#reason;
  }

  /** Why the test has failed: the reason with which the signals abort, and those that came later. */
  get failures(): readonly unknown[] {
    return this.#failures;
  }

  /** Ends the test. A reason that was given earlier remains that of the signals. */
  fail(reason: unknown): void {
    this.#failures.push(reason);
    if (this.#over.signal.aborted) return;
    this.#over.abort(reason);
    this.#failed.abort(reason);
  }

  /** Begins the disposal; `reason` is that of the author's own signal, if it has aborted. */
  begin(reason: unknown): void {
    this.#reason = reason === undefined
      ? { summary: "its cluster was disposed of" }
      : { summary: `its cluster's signal aborted: ${messageOf(reason)}`, cause: reason };
    const ended = reason ?? new Deno.errors.BadResource("The cluster was disposed");
    this.#disposed.abort(ended);
    this.#over.abort(ended);
  }

  /** Whether `error` is the reason of the author's own signal, which is thrown unchanged. */
  isCausedBy(error: unknown): boolean {
    return this.#reason?.cause !== undefined && this.#reason.cause === error;
  }
}
