import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { NodesFailedError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import type { NodeListener } from "../network/mod.ts";
import type { ConformanceCase, Scene } from "./conformance_case.ts";

/** Listens on all nodes, at the same port. */
async function listenAtOnePort(
  [first, ...others]: readonly [Node, ...Node[]],
  stack: AsyncDisposableStack,
): Promise<{ port: number; listeners: NodeListener[] }> {
  const listener = stack.use(await first.listen({ port: 0 }));
  const { port } = listener.addr as Deno.NetAddr;
  const rest = await Promise.all(others.map((node) => node.listen({ port })));
  for (const each of rest) stack.use(each);
  return { port, listeners: [listener, ...rest] };
}

/** Answers the next connection with a text. */
async function answerOnce(listener: NodeListener, text: string): Promise<void> {
  await using connection = await listener.accept();
  await connection.write(new TextEncoder().encode(text));
  await connection.closeWrite();
  await connection.readable.bytes();
}

/** All that comes from a port of this machine. */
async function answerAt({ hostname, port }: { hostname: string; port: number }): Promise<string> {
  using connection = await Deno.connect({ hostname, port });
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

/** Adds nodes that cannot be, and says what that rejects with, and whether any were asked for. */
async function refusal(
  { cluster }: Scene,
  list: readonly object[],
): Promise<{ error: Error; asked: boolean }> {
  let asked = false;
  using _subscription = cluster.events.subscribe((event: ClusterEvent) => {
    asked ||= event.type === "nodes-requested";
  });
  const error = await cluster.addNodes(list).then(() => new Error("none"), (error) => error);
  return { error, asked };
}

/** Entries of a list that cannot be, and what is said of them. */
const WRONG_LISTS: readonly (readonly [list: readonly object[], message: RegExp])[] = [
  [[{ name: "twin" }, { name: "twin" }], /"twin": another one of the same call has that name/],
  [[{}, { name: "no/name" }], /Cannot name a node "no\/name"/],
  [[{}, { odd: 1 }], /^Cannot add node 2 of 2: there is no option "odd"/],
  [[{}, { signal: AbortSignal.abort() }], /^Cannot add node 2 of 2: "signal" is an option of the/],
  [[{}, null as unknown as object], /^Cannot add node 2 of 2: .* an object, not null/],
  // deno-lint-ignore no-sparse-arrays -- this is one
  [[{}, , {}] as object[], /^Cannot add node 2 of 3: .* an object, not undefined/],
];

/** What is done with several nodes by one call. */
export const manyNodesCases: readonly ConformanceCase[] = [
  {
    name: "addNodes() of a list adds nodes that differ, in its order, each with its own options",
    programs: ["sh"],
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const [one, two, three] = await cluster.addNodes([
        { env: { ROLE: "first" } },
        { name: "leader", env: { ROLE: "second" } },
        { name: "node2" },
      ]);
      const all = [one, two, three];
      deepStrictEqual(all.map(({ name }) => name), ["node1", "leader", "node2"]);
      deepStrictEqual(cluster.nodes, all);
      const roles = all.map((node) => node.run("sh", ["-c", "echo $ROLE"]));
      const outputs = (await Promise.all(roles)).map(({ stdout }) => stdout);
      deepStrictEqual(outputs, ["first\n", "second\n", "\n"]);
      const [numbered] = await cluster.addNodes([{}]);
      deepStrictEqual(numbered.name, "node3");
      deepStrictEqual(await cluster.addNodes([]), []);
    },
  },
  {
    name: "addNodes() of a list adds none if one of them cannot be, and asks for none",
    async run(scene) {
      const before = scene.cluster.nodes;
      for (const [list, message] of WRONG_LISTS) {
        const { error, asked } = await refusal(scene, list);
        ok(error instanceof TypeError, String(error));
        match(error.message, message);
        strictEqual(asked, false, error.message);
      }
      const taken = await refusal(scene, [{ name: "free" }, { name: scene.node.name }]);
      match(taken.error.message, /the cluster has one of that name/);
      deepStrictEqual(scene.cluster.nodes, before);
      // No name was taken by what failed.
      for (const name of ["free", "twin"]) await (await scene.cluster.addNode({ name })).destroy();
    },
  },
  {
    name: "addNodes() of a list gives back all of them when its signal aborts",
    async run({ cluster, resources }) {
      const before = await resources();
      const nodes = cluster.nodes;
      const controller = new AbortController();
      const reason = new Error("enough");
      const adding = cluster.addNodes([{ name: "a" }, { name: "b" }], {
        signal: controller.signal,
      });
      controller.abort(reason);
      await rejects(adding, (error) => error === reason);
      deepStrictEqual(cluster.nodes, nodes);
      deepStrictEqual(await resources(), before);
    },
  },
  {
    name: "each() works on all nodes at once, or on those it is given, and keeps their order",
    async run({ cluster, node, peer }) {
      const all = Promise.withResolvers<void>();
      let begun = 0;
      const names = await cluster.each(async (each, { index }) => {
        if (++begun === cluster.nodes.length) all.resolve();
        await all.promise;
        if (each === node) await each.hostname();
        return `${index} ${each.name}`;
      });
      deepStrictEqual(names, cluster.nodes.map(({ name }, i) => `${i} ${name}`));
      const [second, first] = await cluster.each(({ name }) => name, [peer, node]);
      deepStrictEqual([second, first], [peer.name, node.name]);
      deepStrictEqual(await cluster.each(() => 1, []), []);
    },
  },
  {
    name: "each() says on which nodes it failed, and why, once the others are through",
    async run({ cluster, node, peer }) {
      const through: string[] = [];
      const missing = (each: Node) => each.stat("no-such-file");
      const error = await cluster.each(async (each) => {
        if (each === peer) await missing(each);
        await each.hostname();
        through.push(each.name);
      }, [node, peer]).catch((error) => error);
      ok(error instanceof NodesFailedError, String(error));
      deepStrictEqual(error.failures.map(({ node }) => node), [peer.name]);
      ok(error.errors[0] instanceof Deno.errors.NotFound);
      match(
        error.message,
        /^Cannot complete cluster\.each\(\): 1 of 2 nodes failed\n {2}.*NotFound/,
      );
      ok(error.stack!.includes("many_nodes_cases.ts"), error.stack);
      deepStrictEqual(through, [node.name]);
      const both = await cluster.each(missing, [node, peer]).catch((error) => error);
      deepStrictEqual(both.failures.length, 2);
    },
  },
  {
    name: "each() aborts the others' signal with the first failure, and names whom that gave up",
    async run({ cluster, node, peer }) {
      const listener = await node.listen({ port: 0 });
      const failure = new Error("the first one");
      const error = await cluster.each(async (each, { signal }) => {
        if (each === peer) throw failure;
        await listener.accept({ signal });
      }, [node, peer]).catch((error) => error);
      await listener[Symbol.asyncDispose]();
      deepStrictEqual(error.failures, [{ node: peer.name, error: failure }]);
      deepStrictEqual(error.givenUp, [node.name]);
      match(error.message, /: 1 of 2 nodes failed, and 1 was given up for that\n/);
    },
  },
  {
    name: "each() rejects with the reason of its signal, before and at any time, and passes it on",
    async run({ cluster, node, peer }) {
      const reason = new Error("enough");
      const isReason = (error: unknown) => error === reason;
      const aborted = { signal: AbortSignal.abort(reason) };
      await rejects(cluster.each(() => ok(false), [node, peer], aborted), isReason);
      const controller = new AbortController();
      const heeded: unknown[] = [];
      const done = Promise.withResolvers<void>();
      const calling = cluster.each(
        async (each, { signal }) => {
          // The one heeds the signal, and the other one does not.
          if (each === peer) return await new Promise<never>(() => {});
          signal.addEventListener("abort", () => done.resolve(void heeded.push(signal.reason)));
          controller.abort(reason);
        },
        [node, peer],
        { signal: controller.signal },
      );
      await rejects(calling, isReason);
      await done.promise;
      deepStrictEqual(heeded, [reason]);
    },
  },
  {
    name: "each() and forwards() refuse what is no work, no node and no port",
    async run({ cluster, node }) {
      // deno-lint-ignore no-explicit-any -- as untyped code calls them
      const untyped = cluster as any;
      const isTypeError = { name: "TypeError" };
      await rejects(untyped.each("hostname"), isTypeError);
      await rejects(untyped.each(() => {}, node), isTypeError);
      await rejects(untyped.each(() => {}, [node, undefined]), isTypeError);
      await rejects(untyped.each(() => {}, [node], { odd: 1 }), isTypeError);
      await rejects(untyped.forwards(1, { nodes: [{}] }), isTypeError);
      await rejects(untyped.forwards(1, { node }), /did you mean "nodes"/);
      await rejects(cluster.forwards(0), RangeError);
      await rejects(cluster.forwards(65_536, { nodes: [] }), RangeError);
    },
  },
  {
    name: "forwards() leads to one port of all nodes, by the address that each has",
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const nodes = [node, peer] as const;
      const { port, listeners } = await listenAtOnePort(nodes, stack);
      const forwards = stack.use(await cluster.forwards(port, { nodes }));
      deepStrictEqual([...forwards], [forwards.of(node), forwards.of(peer)]);
      for (const [i, { name, address }] of nodes.entries()) {
        const bracketed = address.includes(":") ? `[${address}]` : address;
        const end = forwards.byAddress[`${bracketed}:${port}`]!;
        deepStrictEqual([end.host, end.port], [end.hostname, forwards.of(nodes[i]!).port]);
        for (const from of [address, bracketed, name]) {
          deepStrictEqual(forwards.translate(from, `${port}`), end);
        }
        const answers = [answerOnce(listeners[i]!, name), answerAt(end)] as const;
        strictEqual((await Promise.all(answers))[1], name);
      }
      const other = { host: "elsewhere", hostname: "elsewhere", port };
      deepStrictEqual(forwards.translate("elsewhere", port), other);
      strictEqual(forwards.translate(node.address, port - 1).port, port - 1);
    },
  },
  {
    name: "disposing of forwards closes all of them, and may be repeated",
    async run({ cluster, node, peer }) {
      const forwards = await cluster.forwards(1, { nodes: [node, node] });
      const { hostname, port } = forwards.of(node);
      await Promise.all([forwards[Symbol.asyncDispose](), forwards[Symbol.asyncDispose]()]);
      await rejects(Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
      strictEqual([...forwards].length, 1);
      await rejects(async () => await forwards.of(peer), /there is none among those to "/);
      deepStrictEqual((await cluster.forwards(1, { nodes: [] })).byAddress, {});
    },
  },
  {
    name: "forwards() opens none if one of the nodes is gone",
    async run({ cluster, node }) {
      const gone = await cluster.addNode();
      await gone.destroy();
      await rejects(cluster.forwards(1, { nodes: [node, gone] }), { name: "NodeLostError" });
    },
  },
];
