import { thrownText } from "../../agent/thrown_text.ts";
import type { Emit, WorkDetail } from "./events.ts";

/** How far some work is. */
export type WorkState = Partial<Pick<WorkDetail, "label" | "done" | "total" | "unit">>;

/** Long work. Nothing else emits its events. */
export class OngoingWork {
  readonly #emit: Emit;
  readonly #detail: WorkDetail;
  readonly #started = performance.now();
  #state: WorkState = {};
  #isReported = false;

  /** Begins now; the first event is emitted when there is progress. */
  constructor(emit: Emit, detail: WorkDetail) {
    this.#emit = emit;
    this.#detail = detail;
  }

  /** Does work, and emits its start and its end. */
  static async during<T>(
    emit: Emit,
    detail: WorkDetail,
    work: (ongoing: OngoingWork) => Promise<T>,
  ): Promise<T> {
    const ongoing = new OngoingWork(emit, detail);
    ongoing.begin();
    return await ongoing.endAfter(() => work(ongoing));
  }

  /** Whether an event of the work was emitted. */
  get isReported(): boolean {
    return this.#isReported;
  }

  /** Emits the event that it has started. */
  begin(state: WorkState = {}): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#state = { ...this.#state, ...state };
    this.#emit({ type: "work-started", ...this.#event });
  }

  /** Emits how far it is. */
  progress(state: WorkState): void {
    this.begin();
    this.#emit({ type: "work-progress", ...this.#event, ...state });
    const { done = this.#state.done } = state;
    this.#state = { ...this.#state, ...done === undefined ? {} : { done } };
  }

  /** Emits the event that it has ended, if any event of it was emitted. */
  end(error?: unknown): void {
    if (!this.#isReported) return;
    const failure = error === undefined ? {} : { error: thrownText(error).split("\n")[0]! };
    this.#emit({ type: "work-ended", ...this.#event, ...failure });
  }

  /** Waits for `work`, and ends with it, also when it fails. */
  async endAfter<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.end();
      return result;
    } catch (error) {
      this.end(error);
      throw error;
    }
  }

  get #event() {
    return { ...this.#detail, ...this.#state, elapsed: performance.now() - this.#started };
  }
}
