/** Names of the clusters of this process that were not disposed of yet. */
const open = new Set<{ readonly name: string }>();

/**
 * Remembers a cluster until the result is disposed. If the program, or a file of tests, ends before
 * that, it warns: the cluster's nodes have lived for longer than its test.
 */
export function expectDisposal(name: string): Disposable {
  if (open.size === 0) addEventListener("unload", warn);
  const cluster = { name };
  open.add(cluster);
  return {
    [Symbol.dispose]() {
      open.delete(cluster);
      if (open.size === 0) removeEventListener("unload", warn);
    },
  };
}

function warn(): void {
  for (const { name } of open) {
    const line = `clustertest: cluster "${name}" was never disposed of: ` +
      'make it with "await using cluster = …"\n';
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  }
}
