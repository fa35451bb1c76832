import { unlessAborted } from "../concurrency/mod.ts";
import type { InstanceOptions } from "./ec2_options.ts";
import { AGENT_PORT, ENDED, type Instance } from "../aws/mod.ts";
import { AgentNode } from "../kit/mod.ts";
import { awaitListener, type NodeStart } from "../machines/mod.ts";
import { type Ec2Node, InstanceResource } from "./instance_resource.ts";
import type { LaunchContext } from "./launch_context.ts";
import { wasRefused } from "./refusal.ts";
import { InstanceEndedError } from "./start_failure.ts";

/**
 * Waits for an instance, and reaches its agent as soon as that is there. Resolves to nothing when EC2
 * has no room for the instance after all. Rejects with an `InstanceEndedError` when it ends otherwise.
 */
export async function startNode(
  context: LaunchContext,
  options: InstanceOptions,
  { id, name, connect, onSettled, signal }: NodeStart<Instance>,
): Promise<Ec2Node | undefined> {
  const { starts } = context;
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  try {
    const first = await unlessAborted(starts.when(id, isSettled, until), until);
    const refused = wasRefused(first);
    onSettled(refused ? first : undefined);
    if (refused) return undefined;
    if (hasEnded(first)) throw new InstanceEndedError(first);
    starts.when(id, hasEnded, until)
      .then((instance) => over.abort(new InstanceEndedError(instance)));
    const isReachable = (each: Instance): boolean => addressOf(each, options) !== undefined;
    const instance = isReachable(first)
      ? first
      : await unlessAborted(starts.when(id, isReachable, until), until);
    const route = { hostname: addressOf(instance, options)!, port: AGENT_PORT };
    await awaitListener(route, until);
    const connection = await connect(route, { name, signal: until });
    const resource = new InstanceResource(context, { name, instance, route });
    const node = new AgentNode(connection, resource);
    node.lost.then(() => context.bill.end(id));
    return node;
  } finally {
    over.abort();
  }
}

function isSettled({ state }: Instance): boolean {
  return state !== "pending";
}

function hasEnded({ state }: Instance): boolean {
  return ENDED.includes(state);
}

/** Where the runner reaches an instance; `undefined` as long as it cannot be there. */
function addressOf(instance: Instance, { addresses }: InstanceOptions): string | undefined {
  if (instance.state !== "running" || instance.privateAddress === undefined) return undefined;
  return addresses === "private" ? instance.privateAddress : instance.publicAddress;
}
