import { Deadline } from "../../agent/deadline.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import { within } from "../../agent/within.ts";
import { type ContainerEnd, explainEnd, type LossReason } from "../kit/mod.ts";
import type { DockerNodeParts, RunningAgent } from "./docker_node_parts.ts";

/** Milliseconds that an engine has to say how a container ended that does not run any more. */
export const REPORT_DEADLINE = 2000;

/** Milliseconds in which the last lines that a container has written arrive. */
export const OUTPUT_DEADLINE = 5_000;

/** Milliseconds in which an agent that lives answers. */
const ANSWER_DEADLINE = 3000;

/**
 * Waits until a node's container has ended, and resolves to the reason. When the engine is what
 * has ended, that is the reason, if it took the container along. Rejects when `signal` aborts.
 */
export async function awaitLossReason(
  agent: RunningAgent,
  parts: DockerNodeParts,
  signal: AbortSignal,
): Promise<LossReason> {
  const { container, events, options } = parts;
  const end = await Promise.race([
    events.died(container.id),
    agent.output.closed.then(() => afterCut(agent, parts, signal)),
  ]);
  if ("summary" in end) return end;
  await settledWithin(OUTPUT_DEADLINE, agent.output.closed);
  signal.throwIfAborted();
  return explainEnd(end, { memory: options.memory, log: agent.output.tail });
}

/** The engine says nothing more of the container: it has ended, or the engine has. */
async function afterCut(
  agent: RunningAgent,
  { container, events }: DockerNodeParts,
  signal: AbortSignal,
): Promise<ContainerEnd | LossReason> {
  try {
    return await within(REPORT_DEADLINE, events.died(container.id), { signal });
  } catch {
    signal.throwIfAborted();
  }
  try {
    const { State } = await container.inspect(signal) ?? {};
    if (!State?.Running) {
      return { exitCode: State?.ExitCode, outOfMemory: State?.OOMKilled ?? false };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!await answers(agent, signal)) {
      const { message } = error as Error;
      return {
        summary: "the engine that it ran on cannot be reached any more",
        details: [message],
      };
    }
  }
  // It lives: when it ends, the connection to its agent is lost.
  return await agent.connection.lost;
}

async function answers({ connection }: RunningAgent, signal: AbortSignal): Promise<boolean> {
  using until = new Deadline(ANSWER_DEADLINE, [signal]);
  return await connection.host.network.hostname({ signal: until.signal }).then(
    () => true,
    () => false,
  );
}
