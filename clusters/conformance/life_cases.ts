import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { isIP } from "node:net";
import { NodeLostError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** The events of a node that comes and goes. */
const NODE_EVENTS: readonly string[] = ["nodes-requested", "node-ready", "node-stopped"];

const isLost = (error: unknown) => error instanceof NodeLostError;

/** Begins calls of every sort on a node, and leaves them in flight; each ends in some way. */
async function keepBusy(node: Node, dir: string): Promise<Promise<unknown>[]> {
  const listener = await node.listen({ port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const client = await node.connect({ hostname: node.address, port });
  const server = await listener.accept();
  await node.mkdir(dir);
  const file = await node.create(`${dir}/open`);
  await file.write(new Uint8Array(10));
  await node.forward(port);
  const endless = new ReadableStream({ pull: (each) => each.enqueue(new Uint8Array(1024)) });
  return [
    listener.accept(),
    client.read(new Uint8Array(1)),
    server.readable.bytes(),
    node.fetch(`http://localhost:${port}/`),
    node.writeFile(`${dir}/endless`, endless),
  ];
}

/** Moments of a creation at which it is aborted, from its beginning to about its end. */
const MOMENTS = 8;

/** Makes something again and again, and aborts it later each time; what was made in time is given back. */
async function abortAtMoments(make: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const begin = performance.now();
  await make(new AbortController().signal);
  const whole = performance.now() - begin;
  for (let moment = 0; moment < MOMENTS; moment++) {
    const controller = new AbortController();
    const reason = new Error(`enough at moment ${moment}`);
    const timer = setTimeout(() => controller.abort(reason), whole * moment / MOMENTS);
    await make(controller.signal).catch((error) => strictEqual(error, reason));
    clearTimeout(timer);
  }
}

/** How nodes and clusters come and go. */
export const lifeCases: readonly ConformanceCase[] = [
  {
    name: "a node says what it is",
    async run({ node, peer, cluster, backend }) {
      ok(node.rootDir.startsWith("/"));
      notStrictEqual(isIP(node.address), 0);
      strictEqual(node.backend, backend);
      ok(node.id !== "" && node.id !== peer.id);
      ok(["linux", "darwin"].includes(node.build.os));
      ok(["x86_64", "aarch64"].includes(node.build.arch));
      strictEqual(node.signal.aborted, false);
      ok((await node.hostname()).length > 0);
      ok(cluster.nodes.includes(node) && cluster.nodes.includes(peer));
    },
  },
  {
    name: "nodes have addresses of their own",
    // deno-lint-ignore require-await -- what fails is to reject
    async run({ node, peer }) {
      notStrictEqual(node.address, peer.address);
    },
  },
  {
    name: "addNodes() names nodes, and refuses a name that is taken or cannot be one",
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const nodes = [
        await cluster.addNode(),
        await cluster.addNode({ name: "leader" }),
        ...await cluster.addNodes(2, { name: "worker" }),
        ...await cluster.addNodes(0),
      ];
      const names = ["node1", "leader", "worker-1", "worker-2"];
      deepStrictEqual(nodes.map(({ name }) => name), names);
      deepStrictEqual(cluster.nodes.map(({ name }) => name), names);
      await rejects(cluster.addNode({ name: "leader" }), /leader/);
      await rejects(cluster.addNode({ name: "no/name" }), TypeError);
      await rejects(cluster.addNodes(-1), RangeError);
      await rejects(cluster.addNodes(1.5), RangeError);
      await rejects(cluster.addNodes(10_001), /10000 are the most/);
      const tooLong = { name: "a".repeat(63) }; // With a number behind it.
      await rejects(cluster.addNodes(2, tooLong), {
        name: "TypeError",
        message: /a-1": a name has 1/,
      });
      await rejects(cluster.addNode({ env: { "A=B": "" } }), TypeError);
      strictEqual(cluster.nodes.length, 4);
    },
  },
  {
    name: "nodes of one cluster share no files",
    async run({ node, peer, dir }) {
      await node.writeTextFile(`${dir}/file`, "mine");
      await rejects(peer.stat(`${dir}/file`), Deno.errors.NotFound);
    },
  },
  {
    name: "stop() lets what runs end by itself",
    programs: ["sh", "sleep"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const script = "trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
      const process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      const reader = process.stdout.getReader();
      strictEqual(new TextDecoder().decode((await reader.read()).value), "ready\n");
      const [rest] = await Promise.all([reader.read(), node.stop()]);
      strictEqual(new TextDecoder().decode(rest.value), "goodbye\n");
      ok(isLost(node.signal.reason));
      strictEqual(cluster.nodes.includes(node), false);
    },
  },
  {
    name: "stop() is bounded: what does not end is killed",
    programs: ["sh", "sleep"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const script = "trap '' TERM; echo ready; while :; do sleep 1; done";
      const process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      await process.stdout.getReader().read();
      await node.stop();
    },
  },
  {
    name: "destroy() and stop() may be called in any state, in any order, and again",
    async run({ cluster }) {
      const [one, two, three] = await cluster.addNodes(3);
      await Promise.all([one!.destroy(), one!.destroy(), one!.stop()]);
      await one!.destroy();
      await two!.stop();
      await two!.stop();
      await two![Symbol.asyncDispose]();
      await Promise.all([three!.stop(), three!.destroy()]);
      for (const node of [one, two, three]) ok(isLost(node!.signal.reason));
    },
  },
  {
    name: "a node that was destroyed fails every call at once, and says so",
    async run({ cluster, dir, localDir }) {
      const node = await cluster.addNode();
      await node.destroy();
      const calls: Record<string, () => Promise<unknown>> = {
        run: () => node.run("true"),
        spawn: () => node.spawn("true"),
        readTextFile: () => node.readTextFile(dir),
        writeTextFile: () => node.writeTextFile(dir, ""),
        open: () => node.open(dir),
        stat: () => node.stat(dir),
        upload: () => node.upload(localDir, dir),
        downloadUrl: () => node.downloadUrl("http://localhost/", dir),
        connect: () => node.connect({ port: 1 }),
        listen: () => node.listen({ port: 0 }),
        forward: () => node.forward(1),
        fetch: () => node.fetch("http://localhost/"),
        hostname: () => node.hostname(),
        restart: () => node.restart(),
      };
      for (const [member, call] of Object.entries(calls)) {
        const error = await call().then(() => undefined, (error) => error);
        ok(isLost(error), `${member}() gave ${error}`);
        ok(error.message.includes("destroyed"), error.message);
      }
    },
  },
  {
    name: "destroy() ends whatever is under way",
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      const inFlight = await keepBusy(node, "busy");
      const ends = Promise.allSettled(inFlight);
      await node.destroy();
      for (const { status } of await ends) strictEqual(status, "rejected");
    },
  },
  {
    name: "destroy() ends processes and their streams",
    programs: ["sleep", "cat"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const running = node.run("sleep", ["1000"]);
      const process = await node.spawn("cat", [], { stdin: "piped", stdout: "piped" });
      const ends = Promise.allSettled([running, process.status, process.stdout.text()]);
      await node.destroy();
      const [run] = await ends;
      ok(run!.status === "rejected" && isLost(run!.reason), `run() gave ${JSON.stringify(run)}`);
      await process[Symbol.asyncDispose]();
    },
  },
  {
    name: "disposing of a cluster ends its nodes, from any state, and may be repeated",
    async run({ newCluster }) {
      const empty = await newCluster();
      await Promise.all([empty[Symbol.asyncDispose](), empty[Symbol.asyncDispose]()]);
      const cluster = await newCluster();
      const [busy, stopped] = await cluster.addNodes(2);
      await stopped!.stop();
      const ends = Promise.allSettled(await keepBusy(busy!, "busy"));
      await cluster[Symbol.asyncDispose]();
      await cluster.stop();
      await ends;
      deepStrictEqual(cluster.nodes, []);
      ok(isLost(busy!.signal.reason));
      await rejects(cluster.addNode(), Deno.errors.BadResource);
    },
  },
  {
    name: "disposing of a cluster gives back nodes that are still being made",
    async run({ newCluster }) {
      const cluster = await newCluster();
      const adding = cluster.addNodes(3).then(() => "added", () => "given back");
      await cluster[Symbol.asyncDispose]();
      await adding;
      deepStrictEqual(cluster.nodes, []);
    },
  },
  {
    name: "a cluster ends when its signal aborts",
    async run({ newCluster }) {
      const controller = new AbortController();
      await using cluster = await newCluster({ signal: controller.signal });
      const node = await cluster.addNode();
      const ended = new Promise((resolve) => node.signal.addEventListener("abort", resolve));
      controller.abort(new Error("enough"));
      await ended;
      match(node.signal.reason.message, /was lost: its cluster's signal aborted: enough$/);
      strictEqual(node.signal.reason.cause, controller.signal.reason);
      await rejects(cluster.addNode(), (error) => error === controller.signal.reason);
    },
  },
  {
    name: "a cluster is not made when its signal aborts meanwhile",
    async run({ newCluster }) {
      const controller = new AbortController();
      const creating = newCluster({ signal: controller.signal });
      const reason = new Error("enough already");
      controller.abort(reason);
      await rejects(creating, (error) => error === reason);
    },
  },
  {
    name: "addNodes() gives back what it has made when its signal aborts",
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const controller = new AbortController();
      const adding = cluster.addNodes(2, { signal: controller.signal });
      const reason = new Error("no longer wanted");
      controller.abort(reason);
      await rejects(adding, (error) => error === reason);
      deepStrictEqual(cluster.nodes, []);
      const late = new AbortController();
      const node = await cluster.addNode({ signal: late.signal });
      late.abort(reason);
      strictEqual(await node.hostname() !== "", true);
    },
  },
  {
    name: "a cluster whose making is aborted leaves nothing, whatever the moment",
    async run({ newCluster, resources }) {
      const before = await resources();
      await abortAtMoments(async (signal) => {
        await using _cluster = await newCluster({ signal });
      });
      deepStrictEqual(await resources(), before);
    },
  },
  {
    name: "addNode() that is aborted leaves nothing, whatever the moment",
    async run({ cluster, resources }) {
      const before = await resources();
      await abortAtMoments(async (signal) => {
        await using _node = await cluster.addNode({ signal });
      });
      deepStrictEqual(await resources(), before);
    },
  },
  {
    name: "the name of a node is free once it was destroyed or stopped, or could not be added",
    async run({ newCluster, dir }) {
      await using cluster = await newCluster();
      const first = await cluster.addNode({ name: "leader" });
      await first.writeTextFile(`${dir}/file`, "of the first");
      await first.destroy();
      const second = await cluster.addNode({ name: "leader" });
      await rejects(second.stat(`${dir}/file`), Deno.errors.NotFound);
      await second.stop();
      const controller = new AbortController();
      const adding = cluster.addNode({ name: "leader", signal: controller.signal });
      const reason = new Error("no longer wanted");
      controller.abort(reason);
      await rejects(adding, (error) => error === reason);
      const third = await cluster.addNode({ name: "leader" });
      strictEqual(third.name, "leader");
      await rejects(cluster.addNode({ name: "leader" }), /the cluster has one of that name/);
      deepStrictEqual(cluster.nodes, [third]);
    },
  },
  {
    name: "a node that the test gives back is not told to be lost",
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const lost: ClusterEvent[] = [];
      cluster.events.subscribe((event) => {
        if (event.type === "node-lost") lost.push(event);
      });
      const [one, two] = await cluster.addNodes(2);
      await Promise.all([one!.destroy(), two!.stop()]);
      // This takes so long that even an event which is late has come by then.
      await cluster.addNode();
      deepStrictEqual(lost, []);
    },
  },
  {
    name: "the life of a node is told in events",
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const events: ClusterEvent[] = [];
      cluster.events.subscribe((event) => events.push(event));
      const node = await cluster.addNode();
      await node.destroy();
      ok(events.every((event) => event.cluster === cluster.id));
      const types = events.map(({ type }) => type).filter((type) => NODE_EVENTS.includes(type));
      deepStrictEqual(types, NODE_EVENTS);
    },
  },
];
