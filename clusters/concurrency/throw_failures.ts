import { messageOf } from "../../agent/host/described_error.ts";

/**
 * Throws if a result is a failure: the error itself if there is one, an `AggregateError` if there are
 * several. An error that several results have in common counts once.
 */
export function throwFailures(results: readonly PromiseSettledResult<unknown>[]): void {
  const failures = failuresOf(results);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(messageOf).join("\n"));
}

/** The failures, without those that are part of another one. */
export function failuresOf(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  const failures = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
  const messages = failures.map(messageOf);
  return failures.filter((_, i) =>
    !messages.some((other, j) =>
      j !== i && other.split("\n").includes(messages[i]!) && (other !== messages[i] || j < i)
    )
  );
}
