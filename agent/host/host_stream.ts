import { settledWithin } from "../settled_within.ts";
import { PATIENCE } from "./open_resources.ts";

/** A stream of a host; disposing it fails the stream and releases what is behind it. */
export interface HostStream<S> extends AsyncDisposable {
  readonly stream: S;
}

/** What ends a stream of a host early, and who wants to know that it has ended. */
export interface HostStreamOptions {
  /** Aborting fails the stream with the signal's reason, and releases what is behind it. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, when nothing is open any more. */
  readonly onClosed: () => void;
}

/** Releases what is behind a stream: when it is used up, fails, is aborted, or is disposed. */
export class StreamEnd {
  readonly #options: HostStreamOptions;
  readonly #release: () => unknown;
  readonly #fail: (reason: unknown) => void;
  readonly #abort = () => void this.fail(this.#options.signal?.reason).catch(() => {});
  #released: Promise<void> | undefined;

  /** `release` closes what is open and does not throw; `fail` errors the stream. */
  constructor(
    options: HostStreamOptions,
    release: () => unknown,
    fail: (reason: unknown) => void,
  ) {
    this.#options = options;
    this.#release = release;
    this.#fail = fail;
    options.signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** Releases what is open; only the first call does. */
  release(): Promise<void> {
    return this.#released ??= this.#finish();
  }

  /** Fails the stream, unless it has ended, and releases what is open. */
  fail(reason: unknown): Promise<void> {
    if (!this.#released) this.#fail(reason);
    return this.release();
  }

  /** The stream together with its end, which does not wait for a call that may never return. */
  of<S>(stream: S): HostStream<S> {
    const disposed = "Cannot go on with the stream: the host was disposed";
    return {
      stream,
      [Symbol.asyncDispose]: () =>
        settledWithin(PATIENCE, this.fail(new Deno.errors.BadResource(disposed))),
    };
  }

  async #finish(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#abort);
    await this.#release();
    this.#options.onClosed();
  }
}
