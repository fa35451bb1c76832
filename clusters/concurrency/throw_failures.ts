/** Throws what failed, if something did: one error for one failure, for several one that has them all. */
export function throwFailures(results: readonly PromiseSettledResult<unknown>[]): void {
  const failures = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) {
    throw new AggregateError(failures, failures.map((each) => (each as Error).message).join("\n"));
  }
}
