import type { Node } from "../node/mod.ts";

/** The programs that {@linkcode untilGone} needs. */
export const UNTIL_GONE_PROGRAMS: readonly string[] = ["sh", "sleep", "grep"];

/** Waits until no process with this number is left on the node. */
export async function untilGone(node: Node, pid: string): Promise<void> {
  // A zombie has ended; it only waits to be collected. Without /proc there is no telling, and it is
  // collected soon.
  const script =
    'while kill -0 "$1" 2>/dev/null && ! grep -q "^State:.Z" "/proc/$1/status" 2>/dev/null; ' +
    "do sleep 0.05; done";
  await node.run("sh", ["-c", script, "sh", pid], { timeout: 20_000 });
}
