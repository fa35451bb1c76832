import type { FleetAgent } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { NodeResource } from "./node_resource.ts";

/** Milliseconds that an agent has to kill what it started, and to say that it is there. */
const AGENT_DEADLINE = 30_000;

/** What the agent runs in, which goes on. */
type Surroundings = Pick<NodeResource, "ended">;

/**
 * Has an agent end all that it has started, as a power cut would, and goes on with it: for a resource that
 * cannot be started again as it was once it has ended.
 */
export async function killInPlace(agent: FleetAgent, resource: Surroundings): Promise<FleetAgent> {
  await whileThere(resource, async (signal) => {
    await agent.host.processes.kill({ signal });
    await agent.renew({ signal });
  });
  return agent;
}

/** After {@linkcode killInPlace} everything is there; the agent says so. */
export async function startInPlace(
  agent: FleetAgent,
  resource: Surroundings,
  signal: AbortSignal,
): Promise<FleetAgent> {
  await whileThere(resource, (signal) => agent.host.network.hostname({ signal }), signal);
  return agent;
}

/** Has the agent do something, unless what it runs in ends, or it takes too long. */
async function whileThere(
  resource: Surroundings,
  work: (signal: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const died = new AbortController();
  const watching = new AbortController();
  resource.ended(watching.signal)
    .then(({ summary }) => died.abort(new Error(summary)), () => {});
  using deadline = new Deadline(AGENT_DEADLINE, [signal, died.signal]);
  try {
    await work(deadline.signal);
  } finally {
    watching.abort();
  }
}
