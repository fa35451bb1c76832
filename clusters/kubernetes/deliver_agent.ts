import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { packSum } from "../../agent/build/pack_sum.ts";
import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { ApiError } from "./api/mod.ts";
import { ADDRESS_SCRIPT, LISTEN_SCRIPT, takeScript } from "./helper_scripts.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import type { Supply } from "./pod_manifest.ts";
import { HELPER_CONTAINER } from "./pod_places.ts";
import { HopelessPod } from "./pod_progress.ts";
import { awaitTaken, UnknownDelivery } from "./take_agent.ts";

/** Milliseconds between two attempts to find a helper, at first and at most, and how they grow. */
const PAUSES = { first: 100, last: 1000, growth: 1.15 };

/** What is delivered, and how. */
interface Cargo {
  readonly pack: AgentPack;
  readonly supply: Supply;
  readonly signal: AbortSignal;
}

/**
 * Sends the agent to a helper that waits for it, and resolves to the address of the pod, which its machine
 * tells a while later; to `undefined` where a helper fetches the agent by itself.
 */
export async function deliverAgent(
  context: LaunchContext,
  plan: NodePlan,
  { pack, supply, signal }: Cargo,
): Promise<string | undefined> {
  if (supply.by !== "runner") return undefined;
  const { podName: pod } = plan;
  const { isSeed } = supply;
  const isDirect = context.routes.mayBeDirect;
  const command = isDirect
    ? ["sh", "-c", LISTEN_SCRIPT, "sh", takeScript({ sha256: await packSum(pack), isSeed })]
    : ["sh", "-c", ADDRESS_SCRIPT];
  const address = await findHelper(context, plan, { command, signal });
  if (isSeed) context.supply.announce(pod, address);
  try {
    const to = isDirect ? address : undefined;
    await context.supply.send(pack, { pod, isSeed, address: to, signal });
  } catch (error) {
    if (!(error instanceof UnknownDelivery)) throw error;
    await awaitTaken(context, plan, { unknown: error, signal });
  }
  return address;
}

/**
 * Waits until a helper runs and does a command, which prints the address of its pod. It is asked again and
 * again, since its machine says nothing of the pod before its node has started as well.
 */
async function findHelper(
  { api, watch }: LaunchContext,
  plan: NodePlan,
  { command, signal }: { readonly command: readonly string[]; readonly signal: AbortSignal },
): Promise<string> {
  using hopeless = new HopelessPod(watch, plan);
  using until = new Deadline(Infinity, [signal, hopeless.signal]);
  for (let pause = PAUSES.first;; pause = Math.min(PAUSES.last, PAUSES.growth * pause)) {
    const address = await ask(api, { pod: plan.podName, command, signal: until.signal });
    if (address !== undefined) return address;
    await delay(pause, until.signal);
  }
}

/**
 * Resolves to what a helper says of its address; to `undefined` if it does not run yet. Rejects if nobody
 * may ask it.
 */
async function ask(
  api: LaunchContext["api"],
  { signal, ...asked }: {
    readonly pod: string;
    readonly command: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  try {
    const { code, stdout } = await api.exec({ ...asked, container: HELPER_CONTAINER, signal });
    return code === 0 ? stdout.trim() || undefined : undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (isRefusal(error)) throw error;
    return undefined;
  }
}

/** Whether a role or a policy does not let us ask. Machines say in other ways that nothing runs yet. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
