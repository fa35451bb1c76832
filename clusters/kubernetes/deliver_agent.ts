import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { packSum } from "../../agent/build/pack_sum.ts";
import { delay } from "../../agent/delay.ts";
import { ADDRESS_SCRIPT, LISTEN_SCRIPT, takeScript } from "./helper_scripts.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import type { Pod } from "./pod.ts";
import type { Supply } from "./pod_manifest.ts";
import { HELPER_CONTAINER } from "./pod_places.ts";
import { untilPod } from "./pod_progress.ts";
import { runs } from "./pod_state.ts";
import { awaitTaken, UnknownDelivery } from "./take_agent.ts";

/** Milliseconds between two attempts to find a helper: at first, and at most. */
const PAUSES = { first: 50, last: 1000 };

/** What is delivered, and how. */
interface Cargo {
  readonly pack: AgentPack;
  readonly supply: Supply;
  readonly signal: AbortSignal;
}

/** A helper that runs. */
interface FoundHelper {
  /** The pod's. */
  readonly address: string;
  /** Whether it has begun to listen for an agent. */
  readonly listens: boolean;
}

/** Sends the agent to a helper that waits for it; others fetch it by themselves. */
export async function deliverAgent(
  context: LaunchContext,
  plan: NodePlan,
  { pack, supply, signal }: Cargo,
): Promise<void> {
  if (supply.by !== "runner") return;
  const { podName: pod } = plan;
  const { isSeed } = supply;
  const take = context.routes.mayBeDirect
    ? takeScript({ sha256: await packSum(pack), isSeed })
    : undefined;
  const { address, listens } = await findHelper(context, plan, { take, signal });
  if (isSeed) context.supply.announce(pod, address);
  try {
    const to = listens ? address : undefined;
    await context.supply.send(pack, { pod, isSeed, address: to, signal });
  } catch (error) {
    if (!(error instanceof UnknownDelivery)) throw error;
    await awaitTaken(context, plan, { unknown: error, signal });
  }
}

/**
 * Waits until a helper runs, and has it listen for an agent, of which it is to do what `take` says. Its
 * machine may tell the API server a second later that it runs, so that it is asked itself.
 */
async function findHelper(
  { api, watch }: LaunchContext,
  plan: NodePlan,
  { take, signal }: { readonly take: string | undefined; readonly signal: AbortSignal },
): Promise<FoundHelper> {
  const command = take === undefined
    ? ["sh", "-c", ADDRESS_SCRIPT]
    : ["sh", "-c", LISTEN_SCRIPT, "sh", take];
  const found = new AbortController();
  const until = AbortSignal.any([signal, found.signal]);
  let told: Pod | undefined;
  const telling = untilPod(watch, { plan, found: waits }, until).then((pod) => void (told = pod));
  telling.catch(() => {});
  try {
    for (let pause = PAUSES.first;; pause = Math.min(PAUSES.last, 1.5 * pause)) {
      const known = told;
      const address = await ask(api, { pod: plan.podName, command, signal });
      if (address !== undefined) return { address, listens: take !== undefined };
      // Why it cannot be asked is said by the attempt to send it something.
      if (known !== undefined) return { address: known.status!.podIP!, listens: false };
      await Promise.race([telling, delay(pause, until)]);
    }
  } finally {
    found.abort();
  }
}

function waits(pod: Pod): boolean {
  return runs(pod, HELPER_CONTAINER) && pod.status?.podIP !== undefined;
}

/** Resolves to what a helper says of its address; to `undefined` if it does not run, or cannot be asked. */
async function ask(
  api: LaunchContext["api"],
  { signal, ...asked }: {
    readonly pod: string;
    readonly command: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  const answer = await api.exec({ ...asked, container: HELPER_CONTAINER, signal })
    .catch(() => undefined);
  signal.throwIfAborted();
  return answer?.code === 0 ? answer.stdout.trim() || undefined : undefined;
}
