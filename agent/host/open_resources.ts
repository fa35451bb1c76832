import { settledWithin } from "../settled_within.ts";

/** Milliseconds that disposal waits for calls that the operating system may never finish. */
export const PATIENCE = 2_000;

/** What a host has open. Disposing it closes everything and waits for the calls in flight. */
export class OpenResources implements AsyncDisposable {
  readonly #open = new Set<AsyncDisposable>();
  readonly #calls = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  /** Throws `BadResource` once disposal has begun. */
  check(): void {
    if (this.#disposal) throw new Deno.errors.BadResource("Cannot use the host: it was disposed");
  }

  /** Keeps `resource` until it is deleted; disposal closes it. */
  add(resource: AsyncDisposable): void {
    this.#open.add(resource);
  }

  /** Forgets `resource`, which is closed. */
  delete(resource: AsyncDisposable): void {
    this.#open.delete(resource);
  }

  /** Makes a call that disposal waits for; refuses it once disposal has begun. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    this.check();
    const running = call();
    this.#calls.add(running);
    try {
      return await running;
    } finally {
      this.#calls.delete(running);
    }
  }

  /** Closes everything, all at once; an error of one does not spare the others. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal ??= this.#dispose();
  }

  async #dispose(): Promise<void> {
    let errors: unknown[] = [];
    // A call in flight may still open something, so what it opened is closed in another round.
    do {
      errors = errors.concat(await this.#closeAll());
      await this.#callsInFlight();
    } while (this.#open.size > 0);
    if (errors.length > 0) throw new AggregateError(errors, "Cannot close everything on the host");
  }

  async #closeAll(): Promise<unknown[]> {
    const open = [...this.#open];
    this.#open.clear();
    const ends = await Promise.allSettled(open.map((resource) => resource[Symbol.asyncDispose]()));
    return ends.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
  }

  async #callsInFlight(): Promise<void> {
    if (this.#calls.size === 0) return;
    await settledWithin(PATIENCE, Promise.allSettled(this.#calls));
  }
}
