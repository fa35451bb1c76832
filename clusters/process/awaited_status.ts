import type { AuthorCall } from "../calls/mod.ts";
import type { OpenWait } from "../concurrency/mod.ts";

/**
 * Notes where a test has read the status of a process last, and so may wait for its end: when the time of the
 * test is over meanwhile, its error points there.
 */
export class AwaitedStatus {
  readonly #waits: Set<OpenWait>;
  #wait: OpenWait | undefined;
  #isOver = false;

  /** `waits` are those of the node; `status` ends this one. */
  constructor(waits: Set<OpenWait>, status: Promise<unknown>) {
    this.#waits = waits;
    const ended = () => this.#end();
    status.then(ended, ended);
  }

  /** The test reads it by this call. */
  note(call: AuthorCall): void {
    if (this.#isOver) return;
    if (this.#wait) this.#waits.delete(this.#wait);
    this.#wait = { started: performance.now(), lendStack: (error) => call.lendStack(error) };
    this.#waits.add(this.#wait);
  }

  #end(): void {
    this.#isOver = true;
    if (this.#wait) this.#waits.delete(this.#wait);
  }
}
