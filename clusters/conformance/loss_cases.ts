import { ok, rejects, strictEqual } from "node:assert/strict";
import { NodeLostError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { type Activity, startActivities, type StartedActivity } from "./activity.ts";
import { atOnce } from "./at_once.ts";
import { callActivities, openActivities } from "./call_activities.ts";
import { ACTIVITY_PROGRAMS, commandActivities, processActivities } from "./command_activities.ts";
import type { ConformanceCase, Scene } from "./conformance_case.ts";
import { folderActivities } from "./folder_activities.ts";
import { unusualPort } from "./unusual_port.ts";

/** Turns of this process after its node's loss within which calls in flight have to fail. */
const AT_ONCE = 150;

/** Is read by the runtime, which passes on why the node's signal aborted: no call made that. */
const BODY_OF_FETCH = "fetch() in the body of the answer";

/** Everything that can be in flight without a program. */
export const lossActivities: Readonly<Record<string, Activity>> = {
  ...callActivities,
  ...openActivities,
};

/** How a node ends while something goes on there. */
export interface NodeEnd {
  /** Ends it; resolves once it has ended. */
  readonly end: (node: Node) => Promise<unknown>;
  /** What everything under way has to fail with. */
  readonly error: new (
    ...args: never
  ) => Error & { readonly node: string; readonly call: string | undefined };
}

/**
 * Loses a node while all of `activities` go on there, by `lose`: each of them has to fail at
 * once, with an error that says that the node was lost.
 */
export async function loseDuring(
  activities: Readonly<Record<string, Activity>>,
  scene: Pick<Scene, "node" | "dir" | "localDir">,
  lose: () => Promise<void>,
): Promise<void> {
  const end = async ({ signal }: Node) => {
    const lost = new Promise((resolve) => signal.addEventListener("abort", resolve));
    await lose();
    await lost;
  };
  await endDuring(activities, scene, { end, error: NodeLostError });
}

/** Ends a node while all of `activities` go on there: each of them has to fail at once, as is said. */
export async function endDuring(
  activities: Readonly<Record<string, Activity>>,
  { node, dir, localDir }: Pick<Scene, "node" | "dir" | "localDir">,
  { end, error }: NodeEnd,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const started = await startActivities(activities, { node, dir, localDir });
  for (const each of started) stack.use(each);
  await end(node);
  await Promise.all(started.map((each) => assertEnded(each, error)));
}

async function assertEnded(
  { name, end }: StartedActivity,
  expected: NodeEnd["error"],
): Promise<void> {
  const error = await atOnce(end, AT_ONCE);
  ok(error instanceof expected, `${name} gave ${error}`);
  if (name === BODY_OF_FETCH) return;
  ok(error.call !== undefined, `${name} is not named by ${error}`);
  ok(error.stack!.includes("/conformance/"), `${name} has no frame of its caller: ${error.stack}`);
}

/** A client of this machine, connected through a forward to a port of a node. */
export interface ForwardedClient {
  readonly client: Deno.TcpConn;
  /** The forward's, on this machine. */
  readonly target: { readonly hostname: string; readonly port: number };
  /** The node's. */
  readonly port: number;
}

/** Listens on the node, and connects to it through a forward. */
export async function forwardedClient(
  node: Node,
  stack: AsyncDisposableStack,
): Promise<ForwardedClient> {
  const listener = stack.use(await node.listen({ port: 0 }));
  const { port } = listener.addr as Deno.NetAddr;
  const { hostname, port: localPort } = stack.use(
    await node.forward(port, { localPort: unusualPort() }),
  );
  const target = { hostname, port: localPort };
  const client = stack.use(await Deno.connect(target));
  const accepted = stack.use(await listener.accept());
  await accepted.write(new Uint8Array(1));
  await client.read(new Uint8Array(1));
  return { client, target, port };
}

/** The ways in which every backend's nodes can be lost. */
const LOSSES: readonly (Pick<ConformanceCase, "abilities" | "unless"> & {
  readonly how: string;
  readonly lose: (node: Node) => Promise<void>;
})[] = [
  { how: "destroyed", lose: (node) => node.destroy() },
  {
    how: "killed for good",
    abilities: ["kill"],
    unless: ["start"],
    lose: (node) => node.kill(),
  },
];

/** The loss of a node while something goes on there. */
export const lossCases: readonly ConformanceCase[] = LOSSES.flatMap(({ how, lose, ...when }) =>
  [
    {
      ...when,
      name: `whatever is under way fails at once, with NodeLostError, when its node is ${how}`,
      async run({ cluster, localDir }) {
        await using node = await cluster.addNode();
        await loseDuring(lossActivities, { node, dir: "lost", localDir }, () => lose(node));
      },
    },
    {
      ...when,
      name: `a folder on its way fails at once, with NodeLostError, when its node is ${how}`,
      async run({ cluster, localDir }) {
        await using node = await cluster.addNode();
        await loseDuring(folderActivities, { node, dir: "lost", localDir }, () => lose(node));
      },
    },
    {
      ...when,
      name:
        `processes, and what waits for them, fail at once with NodeLostError, and say what they ` +
        `had, when their node is ${how}`,
      programs: ACTIVITY_PROGRAMS,
      async run({ cluster, localDir }) {
        const outputs: string[] = [];
        using _subscription = cluster.events.subscribe((event: ClusterEvent) => {
          if (event.type === "command-ended" && event.code === null) outputs.push(event.stdout);
        });
        await using node = await cluster.addNode();
        const activities = { ...commandActivities, ...processActivities };
        await loseDuring(activities, { node, dir: "lost", localDir }, () => lose(node));
        ok(outputs.includes("last words\n"), `The events have ${JSON.stringify(outputs)}`);
      },
    },
    {
      ...when,
      name:
        `a client of forward() sees its connection end, and its port closed, when the node is ` +
        how,
      async run({ cluster }) {
        await using node = await cluster.addNode();
        await using stack = new AsyncDisposableStack();
        const { client, target } = await forwardedClient(node, stack);
        const ended = client.read(new Uint8Array(1)).catch(() => null);
        await lose(node);
        strictEqual(await ended, null);
        await rejects(Deno.connect(target), Deno.errors.ConnectionRefused);
      },
    },
  ] satisfies ConformanceCase[]
);
