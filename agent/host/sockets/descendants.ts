/** These processes, and those that they have started and not left behind. Linux only. */
export function* withDescendants(pids: Iterable<number>): Generator<number, void, undefined> {
  const pending = [...pids];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    yield pid;
    pending.push(...childrenOf(pid));
  }
}

/** None where the kernel does not list them. */
function childrenOf(pid: number): number[] {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
    return text.split(" ").filter((number) => number !== "").map(Number);
  } catch {
    return [];
  }
}
