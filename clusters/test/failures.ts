import { suppressedParts, thrownText } from "../../agent/thrown_text.ts";

/** What a test is to reject with for all that failed, of which there is something: the first comes first. */
export function oneFailure(failures: readonly unknown[]): unknown {
  const [first, ...others] = failures;
  if (others.length === 0) return asError(first);
  const later = others.map((each) => `\nAfter that: ${thrownText(each)}`).join("");
  return new AggregateError(failures.map(asError), thrownText(first) + later);
}

/** What some work fails with, its own failure first. What comes after it is done all the same. */
export async function failuresIn(work: () => Promise<void>): Promise<readonly unknown[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return suppressedParts(error);
  }
}

/** The failures without those that say the same as one before. */
export function distinctFailures(failures: readonly unknown[]): unknown[] {
  const texts = failures.map(thrownText);
  return failures.filter((_, i) => texts.indexOf(texts[i]!) === i);
}

/** Frameworks say little of what is no error, and some take `undefined` for none. */
function asError(thrown: unknown): unknown {
  if (typeof thrown === "object" && thrown !== null || typeof thrown === "function") return thrown;
  return new Error(`The test threw what is no error: ${thrownText(thrown)}`, { cause: thrown });
}
