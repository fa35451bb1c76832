import type { ClusterEvent } from "../events/mod.ts";
import type { RunIndex } from "../record/mod.ts";

/** Characters of an error that may be told twice. */
const SHORT = 80;

/** The errors of a run's tests, which are told before the events of its clusters. */
export class ToldErrors {
  readonly #texts: ReadonlySet<string>;

  /** Reads them in the index of a run, which may be damaged. */
  constructor({ tests }: Pick<RunIndex, "tests">) {
    this.#texts = new Set((tests ?? []).flatMap(({ end }) => end?.errors ?? []).map(String));
  }

  /** The event with the name of its error alone, if that is a long one which was told. */
  shorten(event: ClusterEvent): ClusterEvent {
    // The error of a clock is a number.
    if (event.type === "node-clock" || !("error" in event)) return event;
    const { error } = event;
    if (typeof error !== "string") return event;
    const isLong = error.length > SHORT || error.includes("\n");
    if (!isLong || !this.#isTold(error)) return event;
    const [name = "the error"] = /^\w+(?=:)/.exec(error) ?? [];
    return { ...event, error: `${name}, as above` };
  }

  /** An event may have the errors of a test together. */
  #isTold(text: string): boolean {
    if (this.#texts.has(text)) return true;
    return this.#texts.values().some((told) =>
      told !== "" && text.startsWith(`${told}\n`) && this.#isTold(text.slice(told.length + 1))
    );
  }
}
