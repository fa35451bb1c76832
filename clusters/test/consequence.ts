import { EssentialProcessError, ProcessEndedError } from "../errors.ts";
import { attempt } from "../../agent/host/attempt.ts";
import { isError, suppressedParts } from "../../agent/thrown_text.ts";

/** How deep causes and parts of errors are searched. */
const MAX_DEPTH = 8;

/**
 * Whether `thrown` is only a consequence of known `reasons`, and so need not be reported: it is one of
 * them, or has one as its cause or in its message. An error that consists of others is a consequence if
 * all of these are.
 */
export function isConsequence(thrown: unknown, reasons: readonly unknown[]): boolean {
  return new Reasons(reasons).explain(thrown);
}

/** The first of `reasons` if `thrown` only combines consequences of them, or else `thrown`. */
export function firstReason(thrown: unknown, reasons: readonly unknown[]): unknown {
  const isPutTogether = partsOf(thrown).length > 0;
  return isPutTogether && isConsequence(thrown, reasons) ? reasons[0] : thrown;
}

/** Why a test is over. */
class Reasons {
  readonly #reasons: readonly unknown[];
  readonly #texts: readonly string[];
  /** Whether an error is explained, if known. Errors that are each other's causes explain nothing. */
  readonly #explained = new Map<unknown, boolean>();

  constructor(reasons: readonly unknown[]) {
    this.#reasons = reasons;
    this.#texts = reasons.filter(isError).map(({ message }) => message)
      .filter((text) => text !== "");
  }

  explain(thrown: unknown, depth = 0): boolean {
    const known = this.#explained.get(thrown);
    if (known !== undefined) return known;
    this.#explained.set(thrown, false);
    // Properties of an error may be getters that throw.
    const isExplained = attempt(() => this.#isExplained(thrown, depth)) ?? false;
    this.#explained.set(thrown, isExplained);
    return isExplained;
  }

  #isExplained(thrown: unknown, depth: number): boolean {
    if (this.#reasons.includes(thrown)) return true;
    if (depth === MAX_DEPTH || !isError(thrown)) return false;
    const parts = partsOf(thrown);
    // A message of several errors quotes some of them, and says nothing of the others.
    if (parts.length > 0) return parts.every((part) => this.explain(part, depth + 1));
    const { message, cause } = thrown;
    if (this.#texts.some((text) => message.includes(text))) return true;
    return this.#isKnownEnd(thrown) || this.explain(cause, depth + 1);
  }

  /** Whether it is about a process whose end is one of the reasons. */
  #isKnownEnd(thrown: Error): boolean {
    return thrown instanceof ProcessEndedError &&
      this.#reasons.some((reason) =>
        reason instanceof EssentialProcessError && endText(reason) === endText(thrown)
      );
  }
}

/** The errors that an error consists of, the first failure first; none if it is an ordinary one. */
export function partsOf(thrown: unknown): readonly unknown[] {
  return attempt(() => {
    if (thrown instanceof AggregateError) return [...thrown.errors];
    return thrown instanceof SuppressedError ? suppressedParts(thrown) : [];
  }) ?? [];
}

/** Tells one process from others in errors: no two have run on a node for exactly as long. */
function endText({ node, command, code, signal, elapsed }: ProcessEndedError): string {
  return JSON.stringify([node, command, code, signal, elapsed]);
}
