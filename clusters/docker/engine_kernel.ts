import { Deadline } from "../../agent/deadline.ts";
import type { MissingPart } from "../../agent/host/host.ts";
import { SharedWork, throwFailures, unlessAborted } from "../concurrency/mod.ts";
import { MissingAbilityError } from "../errors.ts";
import { type AbilityName, isPacketDeed, obstacleTo, type OncePerKernel } from "../kit/mod.ts";
import { ABILITIES } from "./abilities.ts";
import { AGENT_DIR } from "./agent_container.ts";
import type { AgentOutput } from "./agent_output.ts";
import { Container } from "./container.ts";
import type { CreateRequest } from "./docker_options.ts";
import type { Engine } from "./engine/engine.ts";
import { ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { sidecarRequest } from "./sidecar_request.ts";
import { syscallFilter } from "./syscall_filter.ts";

/** Milliseconds in which a kernel has to be asked, on a busy machine too. */
const PROBE_TIMEOUT = 60_000;

/** What the kernels of engines lack, by the addresses of the engines. */
const kernels = new SharedWork();

/** Asks once for each engine, for as long as this process runs. */
export function oncePerEngine(engine: Engine): OncePerKernel {
  return (ask, signal) => kernels.once(engine.address, ask, signal);
}

/** Throws a `MissingAbilityError` when nodes on this engine will not have what a test needs. */
export async function checkEngineKernel(
  context: LaunchContext,
  { needs, plan }: { readonly needs: readonly AbilityName[]; readonly plan: NodePlan },
  signal: AbortSignal,
): Promise<void> {
  if (!needs.some(isPacketDeed)) return;
  const missing = await oncePerEngine(context.engine)(() => probeKernel(context, plan), signal);
  for (const ability of needs) {
    const obstacle = isPacketDeed(ability) && obstacleTo(ability, missing);
    if (!obstacle) continue;
    const { reason, remedy } = obstacle;
    const has = ABILITIES.filter((each) => !isPacketDeed(each));
    throw new MissingAbilityError({ ability, backend: "docker", has, reason, remedy });
  }
}

/** Runs the agent's program in a container as a sidecar has, but with a network of its own. */
async function probeKernel(context: LaunchContext, plan: NodePlan): Promise<MissingPart[]> {
  const { engine, clusterId } = context;
  const name = `clustertest-${clusterId}.kernel-${crypto.randomUUID().slice(0, 8)}`;
  const { platform } = plan.options;
  const request = probeRequest(context, plan, await syscallFilter(engine));
  const container = await Container.create(engine, name, request, { platform });
  let output: AgentOutput | undefined;
  try {
    using deadline = new Deadline(PROBE_TIMEOUT);
    const { signal } = deadline;
    output = await container.attach(signal);
    await container.start(signal);
    await unlessAborted(output.closed, signal);
    return parse(output.tail);
  } finally {
    throwFailures(await Promise.allSettled([output?.[Symbol.asyncDispose](), container.remove()]));
  }
}

function probeRequest(
  context: LaunchContext,
  plan: NodePlan,
  syscallFilter: string | undefined,
): CreateRequest {
  const { image, pack, agentVolume } = plan;
  const request = sidecarRequest({
    container: "",
    imageId: image.id,
    pack,
    agentVolume,
    labels: ownedLabels("sidecar", context),
    lease: context.lease,
    // It does not serve.
    startTimeout: 0,
    sockets: undefined,
    syscallFilter,
  });
  return {
    ...request,
    Entrypoint: [...pack.command(AGENT_DIR), "--kernel"],
    HostConfig: { ...request.HostConfig as object, NetworkMode: "none" },
  };
}

function parse(lines: readonly string[]): MissingPart[] {
  const line = lines.find((each) => each.startsWith('{"missing":'));
  if (line !== undefined) return JSON.parse(line).missing;
  const said = lines.length === 0 ? "it said nothing" : `it said: ${lines.join("\n  ")}`;
  throw new Error(`Cannot ask the kernel of the engine what it can do to packets: ${said}`);
}
