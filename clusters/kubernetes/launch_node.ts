import type { AgentPack } from "../../agent/build/agent_pack.ts";
import type { FleetAgent, Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { throwFailures } from "../concurrency/mod.ts";
import { agentLife, AgentNode } from "../kit/mod.ts";
import { NO_SEED } from "./helper_scripts.ts";
import { NODE_LABEL, ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { LateAgent, launchFailure } from "./launch_failure.ts";
import type { LaunchDocuments, PodSecret } from "./launch_secrets.ts";
import { sidecarLauncher, type SidecarPlace } from "./launch_sidecar.ts";
import { deliverAgent } from "./deliver_agent.ts";
import type { Pod, PodManifest } from "./pod.ts";
import { awaitSchedule, HopelessPod, untilPod } from "./pod_progress.ts";
import { podManifest, startingWithHelper, type Supply } from "./pod_manifest.ts";
import { HELPER_CONTAINER, NODE_CONTAINER, ROOT_DIR } from "./pod_places.ts";
import { type PodParts, PodResource } from "./pod_resource.ts";
import { runs, statusOf } from "./pod_state.ts";
import { hasSidecar, ownsNetwork, withoutSidecar } from "./sidecar_container.ts";

/**
 * Milliseconds in which a node has to be there, unless the options say otherwise. Images may have to be
 * pulled, and a machine that gets many pods at once starts them one by one. What will never run is known
 * long before that.
 */
const START_TIMEOUT = 5 * 60_000;

/**
 * What is asked for is not aborted: the server would go on, and make it after all that there is of the
 * node was removed. Calls have deadlines of their own.
 */
const NEVER = new AbortController().signal;

/** What the agents of a pod are launched with. */
interface Launches {
  readonly launch: Launch;
  /** That of its sidecar, if it is to have one. */
  readonly sidecar: Launch | undefined;
}

/** How a pod is brought up. */
interface Attempt extends Launches {
  readonly pack: AgentPack;
  readonly supply: Supply;
  /** Where what the agents are launched with is. */
  readonly secret: PodSecret;
  readonly signal: AbortSignal;
}

/**
 * Makes a pod and reaches the agent in it. If that fails nothing is left of it, and the error says what
 * became of the pod, and what its containers said.
 */
export async function launchNode(
  context: LaunchContext,
  plan: NodePlan,
  signal: AbortSignal,
): Promise<AgentNode<PodResource>> {
  const { fleet, secrets, supply } = context;
  const { podName: pod, isAlone, options: { platform = "linux/amd64" } } = plan;
  using launch = fleet.launch();
  const sidecar = context.sidecarNeeds.length === 0 ? undefined : fleet.launch();
  // Neither of these needs the others.
  const putting = secrets.put(pod, documentsOf(plan, { launch, sidecar }));
  const packing = supply.pack(platform, signal);
  try {
    throwFailures(await Promise.allSettled([packing, putting, context.names.domain()]));
    signal.throwIfAborted();
    const pack = await packing;
    const { agentImage } = plan.options;
    const first: Supply = agentImage === undefined
      ? await supply.plan(pack, { pod, isAlone, signal })
      : { by: "image", image: agentImage };
    const attempt = { launch, sidecar, pack, secret: await putting, signal };
    try {
      return await launchBy(context, plan, { ...attempt, supply: first });
    } catch (error) {
      if (!(error instanceof UnreachedSeed)) throw error;
      supply.giveUpSeeds(error.message);
    }
    // A pod of its own: that of before may not be gone for all who ask.
    const again = { ...plan, podName: `${pod}.sent` };
    return await launchBy(context, again, { ...attempt, supply: { by: "runner", isSeed: false } });
  } catch (error) {
    supply.forget(pod, error);
    // What cannot be removed now goes with the cluster.
    await putting.then((secret) => secrets.remove(secret)).catch(() => {});
    throw error;
  }
}

/** A pod did not get the agent from another one. */
class UnreachedSeed extends Error {}

/** The helper of the pod alone sees that of the node, and its sidecar what is its own. */
function documentsOf({ options }: NodePlan, { launch, sidecar }: Launches): LaunchDocuments {
  const temporary = options.readOnlyRoot && options.volumes?.["/tmp"] === undefined
    ? { TMPDIR: ROOT_DIR }
    : {};
  const env = { ...temporary, ...options.env };
  return {
    node: JSON.stringify({ ...launch.document, env }),
    sidecar: sidecar && JSON.stringify(sidecar.document),
  };
}

async function launchBy(
  context: LaunchContext,
  plan: NodePlan,
  attempt: Attempt,
): Promise<AgentNode<PodResource>> {
  const { signal } = attempt;
  try {
    const manifest = await createPod(context, plan, attempt);
    const { agent, address } = await reachAgent(context, plan, attempt);
    const { name: node, podName: pod, options } = plan;
    const sidecar = sidecarIn(manifest, { context, plan, launch: attempt.sidecar, agent });
    const sharesMemory = manifest.spec.hostIPC === true;
    const parts = {
      agent,
      pod,
      secret: attempt.secret,
      node,
      address,
      options,
      sidecar,
      sharesMemory,
    };
    return new AgentNode(agent, new PodResource(parts, context));
  } catch (error) {
    return await giveUp(context, plan, { error, signal });
  }
}

async function createPod(
  context: LaunchContext,
  { name, podName, options }: NodePlan,
  { sidecar, pack, supply, secret, signal }: Attempt,
): Promise<PodManifest> {
  const { api, lease, maxLife } = context;
  const { startTimeout = START_TIMEOUT } = options;
  const manifest = podManifest({
    node: name,
    podName,
    secret,
    options,
    labels: { ...ownedLabels("node", context, maxLife), [NODE_LABEL]: name },
    pack,
    agentArgs: agentLife({ lease, startTimeout, maxLife }),
    supply,
    hasSidecar: sidecar !== undefined,
    maxLife,
    startTimeout,
    ownerReferences: await context.owner.references(),
    domain: await context.names.domain(),
  });
  const customized = await options.customize?.(manifest, { name }) ?? manifest;
  // What changes a network must not change that of a machine.
  const asked = startingWithHelper(
    ownsNetwork(customized) ? customized : withoutSidecar(customized),
  );
  signal.throwIfAborted();
  await api.create("pods", asked, { signal: NEVER });
  signal.throwIfAborted();
  return asked;
}

/** What launches the sidecar of a pod, or why it has none. */
function sidecarIn(
  pod: PodManifest,
  { launch, ...place }: Omit<SidecarPlace, "launch"> & { readonly launch: Launch | undefined },
): PodParts["sidecar"] {
  if (launch === undefined) return "unneeded";
  if (!ownsNetwork(pod)) return "shared network";
  if (!hasSidecar(pod)) return "removed";
  return sidecarLauncher({ ...place, launch });
}

async function reachAgent(
  context: LaunchContext,
  plan: NodePlan,
  attempt: Attempt,
): Promise<{ readonly agent: FleetAgent; readonly address: string }> {
  const { podName: pod, options: { startTimeout = START_TIMEOUT } } = plan;
  await awaitSchedule(context.watch, plan, attempt.signal);
  using deadline = new Deadline(startTimeout, [attempt.signal], () => tooLate(startTimeout));
  const delivered = await deliverAgent(context, plan, { ...attempt, signal: deadline.signal });
  using hopeless = new HopelessPod(context.watch, plan);
  using until = new Deadline(Infinity, [deadline.signal, hopeless.signal]);
  const { signal } = until;
  const found = (pod: Pod) => runs(pod, NODE_CONTAINER) && pod.status?.podIP !== undefined;
  const running = untilPod(context.watch, { plan, found }, signal);
  // Where the agent answers before that, nobody waits for it.
  running.catch(() => {});
  const address = delivered ?? (await running).status!.podIP!;
  const route = await context.routes.to({ pod, address, running }, signal);
  const agent = await attempt.launch.connect(route, { name: plan.name, signal });
  return { agent, address };
}

function tooLate(startTimeout: number): Error {
  return new LateAgent(`its agent was not reached within ${startTimeout / 1000} s`);
}

/** Removes what there is of a node, and throws why it was not launched. */
async function giveUp(
  context: LaunchContext,
  plan: NodePlan,
  { error, signal }: { readonly error: unknown; readonly signal: AbortSignal },
): Promise<never> {
  const { podName: pod, name: node } = plan;
  const helper = statusOf(context.watch.look(pod), HELPER_CONTAINER)?.state?.terminated;
  const reason = signal.aborted
    ? signal.reason
    : helper?.exitCode === NO_SEED
    ? new UnreachedSeed((error as Error).message)
    : await launchFailure(context, plan, error);
  const removed = await Promise.allSettled([
    context.remover.remove({ pod, node, isRunning: false }),
  ]);
  throwFailures([{ status: "rejected", reason }, ...removed]);
  throw reason;
}
