import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { NodeDownError } from "../errors.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { NodeListener } from "../network/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Process } from "../process/mod.ts";
import { ACTIVITY_PROGRAMS, commandActivities, processActivities } from "./command_activities.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { folderActivities } from "./folder_activities.ts";
import { endDuring, forwardedClient, lossActivities, type NodeEnd } from "./loss_cases.ts";
import { UNTIL_GONE_PROGRAMS, untilGone } from "./until_gone.ts";
import { untilWritten } from "./until_written.ts";
import { unusualPort } from "./unusual_port.ts";

const abilities = ["kill", "start"] as const;

const CRASH: NodeEnd = { end: (node) => node.kill(), error: NodeDownError };

/** The events of a node, by their types, from now on. */
function eventsOf({ events }: Cluster, { name }: Node): Disposable & { readonly seen: string[] } {
  const seen: string[] = [];
  const subscription = events.subscribe((event) => {
    if (event.type.startsWith("node-") && "node" in event && event.node === name) {
      if (event.type !== "node-clock") seen.push(event.type);
    }
  });
  return { seen, [Symbol.dispose]: () => subscription[Symbol.dispose]() };
}

/** A process that has written to both of its outputs. */
async function speaker(node: Node, dir: string): Promise<Process> {
  await node.mkdir(dir, { recursive: true });
  const script = `echo out; echo err >&2; echo > ${dir}/written; exec sleep 1000`;
  const process = await node.spawn("sh", ["-c", script]);
  await untilWritten(node, dir);
  return process;
}

/** Answers a request with a text, over a connection that is open for the next. */
async function answerOnce(listener: NodeListener, text: string): Promise<boolean> {
  const connection = await listener.accept();
  await connection.read(new Uint8Array(1024));
  const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
  return await connection.write(new TextEncoder().encode(answer)) > 0;
}

/** A node that the test kills is down, and comes back by `start()`: what becomes of it, and of all that it had. */
export const crashCases: readonly ConformanceCase[] = [
  {
    name: "a node that was killed is down and not lost: it stays in its cluster, and events tell",
    abilities,
    async run({ cluster, node }) {
      using events = eventsOf(cluster, node);
      await node.kill();
      strictEqual(node.signal.aborted, false);
      ok(cluster.nodes.includes(node));
      await rejects(cluster.addNode({ name: node.name }), /the cluster has one of that name/);
      await node.start();
      deepStrictEqual(events.seen, ["node-down", "node-killed", "node-up", "node-started"]);
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "start() gives a node back with its name, its address and its files",
    abilities,
    async run({ node, peer }) {
      const { name, address, rootDir, id } = node;
      await node.writeTextFile("kept", "content");
      const listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await node.kill();
      await rejects(
        peer.connect({ hostname: address, port, signal: AbortSignal.timeout(5_000) }),
      );
      await node.start();
      deepStrictEqual([node.name, node.address, node.rootDir, node.id], [
        name,
        address,
        rootDir,
        id,
      ]);
      strictEqual(await node.readTextFile("kept"), "content");
      await using again = await node.listen({ port });
      await using client = await peer.connect({ hostname: address, port });
      await using server = await again.accept();
      await client.write(new Uint8Array([1]));
      strictEqual(await server.read(new Uint8Array(2)), 1);
    },
  },
  {
    name:
      "nothing that ran on a node survives a kill, and what is started anew has its environment",
    abilities,
    programs: [...UNTIL_GONE_PROGRAMS, "env", "setsid"],
    async run({ cluster, dir }) {
      await using node = await cluster.addNode({ env: { KEPT: "yes" } });
      await node.mkdir(dir);
      const { stdout } = await node.run("sh", ["-c", "sleep 1000 & echo $!"]);
      const deaf = await node.spawn("sh", ["-c", "trap '' TERM; while :; do sleep 1; done"]);
      // What has hidden is found by its parent, which is to live until then.
      const hide = 'cd /; env -i setsid sleep 1000 & echo $! > "$0"; wait';
      const hiding = node.run("sh", ["-c", hide, `${node.rootDir}/${dir}/pid`]).catch(() => {});
      await untilWritten(node, dir);
      const hidden = await node.readTextFile(`${dir}/pid`);
      await node.kill();
      await node.start();
      for (const pid of [stdout, `${deaf.pid}`, hidden]) await untilGone(node, pid.trim());
      strictEqual((await node.run("sh", ["-c", "echo $KEPT"])).stdout, "yes\n");
      await hiding;
    },
  },
  {
    name: "whatever is under way fails at once, with NodeDownError, when its node is killed",
    abilities,
    async run({ node, dir, localDir }) {
      await endDuring(lossActivities, { node, dir, localDir }, CRASH);
      await node.start();
    },
  },
  {
    name: "a folder on its way fails at once, with NodeDownError, when its node is killed",
    abilities,
    async run({ node, dir, localDir }) {
      await endDuring(folderActivities, { node, dir, localDir }, CRASH);
      await node.start();
    },
  },
  {
    name:
      "processes, and what waits for them, fail at once with NodeDownError, whatever ended them",
    abilities,
    programs: ACTIVITY_PROGRAMS,
    async run({ node, dir, localDir }) {
      const { "log() of a process, again and again": _goesOn, ...rest } = processActivities;
      const activities = { ...commandActivities, ...rest };
      await endDuring(activities, { node, dir, localDir }, CRASH);
      await node.start();
    },
  },
  {
    name: "log() of a process has what it wrote before its node was killed, down and up again",
    abilities,
    programs: ["sh", "sleep"],
    async run({ node, dir }) {
      const process = await speaker(node, dir);
      await node.kill();
      deepStrictEqual(await process.log(), { stdout: "out\n", stderr: "err\n" });
      await node.start();
      deepStrictEqual(await process.log(), { stdout: "out\n", stderr: "err\n" });
      await process[Symbol.asyncDispose]();
      await rejects(process.log(), Deno.errors.BadResource);
    },
  },
  {
    name: "what is from before a kill can be disposed of, down and up again",
    abilities,
    programs: ["sleep"],
    async run({ node }) {
      const open = async () => {
        const stack = new AsyncDisposableStack();
        const listener = stack.use(await node.listen({ port: 0 }));
        const { port } = listener.addr as Deno.NetAddr;
        stack.use(await node.connect({ hostname: node.address, port }));
        stack.use(await node.spawn("sleep", ["1000"]));
        stack.use(await node.create("file"));
        stack.use(await node.forward(port));
        return stack;
      };
      const stacks = [await open(), await open()];
      await node.kill();
      await stacks[0]!.disposeAsync();
      await node.start();
      await stacks[1]!.disposeAsync();
    },
  },
  {
    name: "forwards refuse while their node is down, and lead there again when it is up",
    abilities,
    async run({ node }) {
      await using stack = new AsyncDisposableStack();
      const { client, target, port } = await forwardedClient(node, stack);
      const ended = client.read(new Uint8Array(1)).catch(() => null);
      await node.kill();
      strictEqual(await ended, null);
      await rejects(Deno.connect(target), Deno.errors.ConnectionRefused);
      await node.start();
      await using listener = await node.listen({ port });
      using again = await Deno.connect(target);
      await using accepted = await listener.accept();
      await accepted.write(new Uint8Array([7]));
      strictEqual(await again.read(new Uint8Array(2)), 1);
    },
  },
  {
    name: "a forward that is disposed of while its node is down stays closed",
    abilities,
    async run({ node }) {
      const forward = await node.forward(1, { localPort: unusualPort() });
      const { hostname, port } = forward;
      await node.kill();
      await forward[Symbol.asyncDispose]();
      await node.start();
      await rejects(Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
    },
  },
  {
    name: "fetch() reaches the service that was started anew, over a connection of its own",
    abilities,
    async run({ node }) {
      const before = await node.listen({ port: 0 });
      const { port } = before.addr as Deno.NetAddr;
      const ask = async () => await (await node.fetch(`http://localhost:${port}/`)).text();
      deepStrictEqual(await Promise.all([ask(), answerOnce(before, "before")]), ["before", true]);
      await node.kill();
      await rejects(ask(), NodeDownError);
      await node.start();
      await using after = await node.listen({ port });
      deepStrictEqual(await Promise.all([ask(), answerOnce(after, "after")]), ["after", true]);
    },
  },
];
