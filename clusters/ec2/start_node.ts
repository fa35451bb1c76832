import type { Launch } from "../../agent/client/fleet.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { Ec2Node } from "./ec2_node.ts";
import type { InstanceOptions } from "./ec2_options.ts";
import { ENDED, type Instance } from "./instance.ts";
import { knock } from "./knock.ts";
import type { LaunchContext } from "./launch_context.ts";
import { wasRefused } from "./refusal.ts";
import { AGENT_PORT } from "./stack/agent_port.ts";
import { InstanceEndedError } from "./start_failure.ts";

/** An instance that was just launched, and is to become a node. */
export interface NodeStart {
  readonly id: string;
  /** The node's name. */
  readonly name: string;
  readonly options: InstanceOptions;
  readonly connect: Launch["connect"];
  /** Is told, once, what EC2 made of the launch: the instance, if there was no room for it. */
  readonly onSettled: (refused: Instance | undefined) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits for an instance, and reaches its agent as soon as that is there. Resolves to nothing when EC2
 * has no room for the instance after all. Rejects with an `InstanceEndedError` when it ends otherwise.
 */
export async function startNode(
  context: LaunchContext,
  { id, name, options, connect, onSettled, signal }: NodeStart,
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
    await knock(route, until);
    const connection = await connect(route, { name, signal: until });
    return new Ec2Node(context, { id, name, instance, route, connection });
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
