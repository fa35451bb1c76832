/**
 * From now on a failure that nobody waits for is reported, and the program goes on: of an agent that
 * ended by it, the runner would learn only that the node is gone.
 */
export function surviveFailures(log: (line: string) => void): void {
  addEventListener("error", (event) => {
    event.preventDefault();
    log(`survived a failure: ${described(event.error)}`);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log(`survived a failure: ${described(event.reason)}`);
  });
}

function described(failure: unknown): string {
  return failure instanceof Error ? failure.stack ?? failure.message : String(failure);
}
