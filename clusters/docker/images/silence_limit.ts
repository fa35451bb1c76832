import { EngineError } from "../engine/engine_error.ts";

/** Gives up on something that has said nothing for too long. Disposing it ends the watch. */
export class SilenceLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly #limit: number;
  readonly #what: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `what` completes "Cannot …"; `limit` is in milliseconds. */
  constructor(what: string, limit: number) {
    this.#what = what;
    this.#limit = limit;
    this.#restart();
  }

  /** Aborts, with an `EngineError`, when the engine has sent nothing for too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Everything that comes from `source`; each piece ends a silence. */
  async *watch<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const piece of source) {
      this.#restart();
      yield piece;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(this.#error()), this.#limit);
  }

  #error(): EngineError {
    const reason = `the engine has said nothing for ${this.#limit / 1000} s. Try again; if it ` +
      "stays so, restart the engine";
    return new EngineError(this.#what, { reason });
  }
}
