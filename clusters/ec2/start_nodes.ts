import pLimit, { type LimitFunction } from "p-limit";
import type { Launch } from "../../agent/client/fleet.ts";
import type { WorkEvent } from "../events.ts";
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
  /** To which progress is added. */
  readonly work: WorkEvent;
  readonly signal: AbortSignal;
}

/**
 * Reaches the agents on instances that were just launched, each as soon as it is there. The first
 * that fails ends the others: it is the one that is told.
 */
export async function startNodes(context: LaunchContext, start: Start): Promise<Ec2Node[]> {
  const { group, instances, launchId, work, signal } = start;
  const { aws, emit, limits: { startTimeout } } = context;
  const filters = { "tag:clustertest:launch": [launchId] };
  let doubt: Error | undefined;
  const onError = (error: Error): void => void (doubt = error);
  await using poll = new InstancePoll(aws, { filters, interval: LOOK_INTERVAL, onError });
  const failure = new FirstFailure();
  const until = AbortSignal.any([signal, AbortSignal.timeout(startTimeout), failure.signal]);
  const connects = pLimit(PARALLEL);
  let done = 0;
  const results = await Promise.allSettled(group.names.map(async (name, i) => {
    const { id } = instances[i]!;
    try {
      const node = await startNode(context, { ...start, poll, connects, id, name, signal: until });
      emit({
        type: "work-progress",
        ...work,
        done: ++done,
        total: group.names.length,
        unit: "nodes",
      });
      return node;
    } catch (error) {
      failure.is(id, name, error);
      throw error;
    }
  }));
  const nodes = results.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
  if (failure.first === undefined) return nodes;
  await Promise.allSettled(nodes.map((node) => node.forget("its launch failed")));
  signal.throwIfAborted();
  const { id, name, error } = failure.first;
  const instance = poll.latest(id);
  throw await startFailure(aws, { id, name, instance, cause: error ?? doubt, startTimeout });
}

/** Remembers what failed first. */
class FirstFailure {
  readonly #controller = new AbortController();
  first: { id: string; name: string; error: unknown } | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  is(id: string, name: string, error: unknown): void {
    this.first ??= { id, name, error };
    this.#controller.abort(error);
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
