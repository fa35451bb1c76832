/** The name of an error and its message; anything else that was thrown as it would be written in code. */
export function failureText(thrown: unknown): string {
  if (!isError(thrown)) return Deno.inspect(thrown);
  const { name, message } = thrown;
  return message === "" ? name : `${name}: ${message}`;
}

/** What a test is to reject with for all that failed, of which there is something: the first comes first. */
export function oneFailure(failures: readonly unknown[]): unknown {
  const [first, ...others] = failures;
  if (others.length === 0) return asError(first);
  const later = others.map((each) => `\nAfter that: ${failureText(each)}`).join("");
  return new AggregateError(failures.map(asError), failureText(first) + later);
}

/** What some work fails with: nothing, or one thing. What comes after it is done all the same. */
export async function failuresIn(work: () => Promise<void>): Promise<readonly unknown[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [error];
  }
}

/** The failures without those that say the same as one before. */
export function distinctFailures(failures: readonly unknown[]): unknown[] {
  const texts = failures.map(failureText);
  return failures.filter((_, i) => texts.indexOf(texts[i]!) === i);
}

/** Frameworks say little of what is no error, and some take `undefined` for none. */
function asError(thrown: unknown): unknown {
  if (typeof thrown === "object" && thrown !== null || typeof thrown === "function") return thrown;
  return new Error(`The test threw what is no error: ${failureText(thrown)}`, { cause: thrown });
}

/** Also of another realm, or as a framework has made a plain object of it. */
export function isError(value: unknown): value is Error {
  if (value instanceof Error) return true;
  const { name, message } = (value ?? {}) as Partial<Error>;
  return typeof name === "string" && typeof message === "string";
}
