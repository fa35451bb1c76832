import { ok, rejects, strictEqual } from "node:assert/strict";
import { NodeLostError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { type Activity, startActivities, type StartedActivity } from "./activity.ts";
import { callActivities, openActivities } from "./call_activities.ts";
import { ACTIVITY_PROGRAMS, commandActivities, processActivities } from "./command_activities.ts";
import type { ConformanceCase, Scene } from "./conformance_case.ts";
import { folderActivities } from "./folder_activities.ts";

/** Milliseconds after its node's loss within which calls in flight have to fail. */
const AT_ONCE = 1_500;

/** Is read by the runtime, which passes on why the node's signal aborted: no call made that. */
const BODY_OF_FETCH = "fetch() in the body of the answer";

/** Everything that can be in flight without a program. */
export const lossActivities: Readonly<Record<string, Activity>> = {
  ...callActivities,
  ...openActivities,
};

/**
 * Loses a node while all of `activities` go on there, by `lose`: each of them has to fail at
 * once, with an error that says that the node was lost.
 */
export async function loseDuring(
  activities: Readonly<Record<string, Activity>>,
  { node, dir, localDir }: Pick<Scene, "node" | "dir" | "localDir">,
  lose: () => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const started = await startActivities(activities, { node, dir, localDir });
  for (const each of started) stack.use(each);
  const lost = new Promise((resolve) => node.signal.addEventListener("abort", resolve));
  await lose();
  await lost;
  const late = AbortSignal.timeout(AT_ONCE);
  for (const each of started) await assertLost(each, late);
}

async function assertLost({ name, end }: StartedActivity, late: AbortSignal): Promise<void> {
  const tooLate = new Promise((resolve) => {
    late.addEventListener("abort", () => resolve(`nothing within ${AT_ONCE} ms`), { once: true });
    if (late.aborted) resolve(`nothing within ${AT_ONCE} ms`);
  });
  const error = await Promise.race([end, tooLate]);
  ok(error instanceof NodeLostError, `${name} gave ${error}`);
  if (name === BODY_OF_FETCH) return;
  ok(error.call !== undefined, `${name} is not named by ${error}`);
  ok(error.stack!.includes("/conformance/"), `${name} has no frame of its caller: ${error.stack}`);
}

/** A client of this machine, at a port that leads to `node`. */
async function forwardedClient(
  node: Node,
  stack: AsyncDisposableStack,
): Promise<{ client: Deno.TcpConn; target: { hostname: string; port: number } }> {
  const listener = stack.use(await node.listen({ port: 0 }));
  const { hostname, port } = stack.use(
    await node.forward((listener.addr as Deno.NetAddr).port),
  );
  const client = stack.use(await Deno.connect({ hostname, port }));
  const accepted = stack.use(await listener.accept());
  await accepted.write(new Uint8Array(1));
  await client.read(new Uint8Array(1));
  return { client, target: { hostname, port } };
}

/** The end of a node while something goes on there; for backends whose nodes can be killed. */
export const lossCases: readonly ConformanceCase[] = [
  {
    name: "whatever is under way fails at once, with NodeLostError, when its node is lost",
    abilities: ["kill"],
    async run({ cluster, localDir }) {
      await using node = await cluster.addNode();
      await loseDuring(lossActivities, { node, dir: "lost", localDir }, () => node.kill());
    },
  },
  {
    name: "a folder on its way fails at once, with NodeLostError, when its node is lost",
    abilities: ["kill"],
    async run({ cluster, localDir }) {
      await using node = await cluster.addNode();
      await loseDuring(folderActivities, { node, dir: "lost", localDir }, () => node.kill());
    },
  },
  {
    name:
      "processes, and what waits for them, fail at once with NodeLostError, and say what they had",
    abilities: ["kill"],
    programs: ACTIVITY_PROGRAMS,
    async run({ cluster, localDir }) {
      const outputs: string[] = [];
      using _subscription = cluster.events.subscribe((event: ClusterEvent) => {
        if (event.type === "command-ended" && event.code === null) outputs.push(event.stdout);
      });
      await using node = await cluster.addNode();
      const activities = { ...commandActivities, ...processActivities };
      await loseDuring(activities, { node, dir: "lost", localDir }, () => node.kill());
      ok(outputs.includes("last words\n"), `The events have ${JSON.stringify(outputs)}`);
    },
  },
  {
    name:
      "a client of forward() sees its connection end, and its port closed, when the node is lost",
    abilities: ["kill"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      await using stack = new AsyncDisposableStack();
      const { client, target } = await forwardedClient(node, stack);
      const ended = client.read(new Uint8Array(1)).catch(() => null);
      await node.kill();
      strictEqual(await ended, null);
      await rejects(Deno.connect(target), Deno.errors.ConnectionRefused);
    },
  },
];
