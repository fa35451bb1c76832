/** Names of the clusters of this process that were not disposed of yet. */
const open = new Set<{ readonly name: string }>();

/**
 * Notes a cluster, until what is returned is disposed. When the program, or a file of tests, ends
 * before that, a warning says so: the cluster's nodes have lived for too long.
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
