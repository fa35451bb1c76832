import { thrownText } from "../../agent/thrown_text.ts";

/** Counts tries, and remembers the error of the last one. */
export class Tries {
  /** How often it was tried. */
  count = 0;
  #failure: { readonly error: unknown } | undefined;

  /** The error of the last try that has ended. */
  get last(): unknown {
    return this.#failure?.error;
  }

  /** A try has failed. */
  failed(error: unknown): void {
    this.#failure = { error };
  }

  /** As messages say it. */
  toString(): string {
    const often = this.count === 1 ? "tried once" : `tried ${this.count} times`;
    if (!this.#failure) return `${often}, and no try ended`;
    return `${often}, the last time it failed with: ${thrownText(this.#failure.error)}`;
  }
}
