import type { SweepOptions, SweptResource } from "../kit/mod.ts";
import { findShellSockets, isServed, removeShellSockets } from "./shell_sockets.ts";

/** Finds the sockets of dead runs, at which nobody listens any more, and removes them. */
export async function sweepShellSockets(
  { run, dryRun = false }: SweepOptions = {},
): Promise<SweptResource[]> {
  const found: SweptResource[] = [];
  for (const socket of findShellSockets()) {
    if (run === undefined ? await isServed(socket) : socket.run !== run) continue;
    const reason = run === undefined
      ? `of run ${socket.run}; nobody listens there`
      : `of run ${run}, which is over`;
    if (!dryRun) removeShellSockets(socket.run);
    found.push({
      ...{ kind: "socket", id: socket.path, reason },
      outcome: dryRun ? "would be removed" : "removed",
    });
  }
  return found;
}
