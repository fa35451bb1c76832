import pLimit, { type LimitFunction } from "p-limit";
import type { Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { allOrNone } from "../all_or_none.ts";
import { unlessAborted } from "../unless_aborted.ts";
import { Ec2Node } from "./ec2_node.ts";
import type { InstanceOptions } from "./ec2_options.ts";
import { ENDED, type Instance } from "./instance.ts";
import { InstancePoll } from "./instance_poll.ts";
import { knock } from "./knock.ts";
import type { LaunchContext, NodeGroup } from "./launch_context.ts";
import { AGENT_PORT } from "./stack/agent_port.ts";
import { InstanceEndedError, startFailure } from "./start_failure.ts";

/** Milliseconds between two looks at instances that are starting. */
const LOOK_INTERVAL = 1000;

/** Agents that are enrolled at a time: each takes a few handshakes, and memory for as long. */
const PARALLEL = 32;

/** Instances that were launched, and are to become nodes. */
export interface Start {
  readonly group: NodeGroup;
  readonly instances: readonly Instance[];
  readonly launch: Launch;
  readonly launchId: string;
  /** Called for each node that is there. */
  readonly onLaunched: (() => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Reaches the agents on instances that were just launched, each as soon as it is there. The first
 * that fails ends the others: it is the one that is told.
 */
export async function startNodes(context: LaunchContext, start: Start): Promise<Ec2Node[]> {
  const { group, instances, launchId, onLaunched, signal } = start;
  const { aws, stack, limits: { startTimeout } } = context;
  const filters = { "tag:clustertest:launch": [launchId] };
  let doubt: Error | undefined;
  const onError = (error: Error): void => void (doubt = error);
  await using poll = new InstancePoll(aws, { filters, interval: LOOK_INTERVAL, onError });
  using deadline = new Deadline(startTimeout);
  const connects = pLimit(PARALLEL);
  const named = group.names.map((name, i) => ({ name, id: instances[i]!.id }));
  try {
    return await allOrNone(named, {
      signals: [signal],
      make: async (which, signal) => {
        const until = AbortSignal.any([signal, deadline.signal]);
        const node = await startNode(context, { ...start, ...which, poll, connects, signal: until })
          .catch((error) => Promise.reject(new NotStarted(which, error)));
        onLaunched?.();
        return node;
      },
      undo: (node) => node.forget("its launch failed"),
    });
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    const { which, cause } = error;
    const instance = poll.latest(which.id);
    const door = group.options.securityGroups === undefined ? stack : undefined;
    throw await startFailure(aws, { ...which, instance, doubt, cause, startTimeout, door });
  }
}

/** Which node it was that did not start. */
class NotStarted extends Error {
  constructor(readonly which: { readonly id: string; readonly name: string }, cause: unknown) {
    super("a node did not start", { cause });
  }
}

/** One of them. */
interface NodeStart extends Start {
  /** Lets so many connect at a time. */
  readonly connects: LimitFunction;
  readonly poll: InstancePoll;
  readonly id: string;
  readonly name: string;
}

async function startNode(
  context: LaunchContext,
  { poll, connects, id, name, launch, group: { options }, signal }: NodeStart,
): Promise<Ec2Node> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const isReachable = (instance: Instance): boolean => addressOf(instance, options) !== undefined;
  poll.when(id, ({ state }) => ENDED.includes(state), until)
    .then((instance) => over.abort(new InstanceEndedError(instance)));
  try {
    const instance = await unlessAborted(poll.when(id, isReachable, until), until);
    const hostname = addressOf(instance, options)!;
    const route = { hostname, port: AGENT_PORT };
    await knock(route, until);
    const connection = await connects(() => launch.connect(route, { name, signal: until }));
    return new Ec2Node(context, { id, name, instance, route, connection });
  } finally {
    over.abort();
  }
}

/** Where the runner reaches an instance; `undefined` as long as it cannot be there. */
function addressOf(instance: Instance, { addresses }: InstanceOptions): string | undefined {
  if (instance.state !== "running" || instance.privateAddress === undefined) return undefined;
  return addresses === "private" ? instance.privateAddress : instance.publicAddress;
}
