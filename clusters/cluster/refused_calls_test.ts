import { deepStrictEqual } from "node:assert/strict";
import { Cluster } from "../../mod.ts";
import { composed } from "../composed/mod.ts";
import { mustRefuse } from "../conformance/refused_call.ts";
import { local } from "../local/mod.ts";
import type { Node } from "../node/mod.ts";

/** What somebody without types may call. */
// deno-lint-ignore no-explicit-any
type Untyped = any;

const caller = import.meta.url;

Deno.test("whatever call of a cluster or a node is refused, the author's own line comes first", async () => {
  const backend = composed({ here: local(), there: local() });
  await using cluster = await Cluster.create(backend);
  await using other = await Cluster.create(local());
  const [node, stranger] = [await cluster.addNode(), await other.addNode()];
  const wrong: string[] = [];
  for (const [name, call] of Object.entries(wrongCalls({ cluster, node, stranger }))) {
    await mustRefuse(async () => await call(), { caller })
      .catch(({ message }) => wrong.push(`${name}: ${message}`));
  }
  deepStrictEqual(wrong, []);
});

function wrongCalls(
  { cluster, node, stranger }: { cluster: Untyped; node: Untyped; stranger: Node },
): Record<string, () => unknown> {
  return {
    "a cluster's name": () => Cluster.create(local(), { name: "-" }),
    "a cluster's backend": () => Cluster.create({} as Untyped),
    "a cluster's heartbeat": () => Cluster.create(local(), { heartbeat: { interval: 0 } }),
    "an ability that there is not": () =>
      Cluster.create(local(), { needs: ["partitions"] } as Untyped),
    "what is no list of abilities": () => Cluster.create(local(), { needs: "kill" } as Untyped),
    "a member that there is not": () => cluster.addNode({ in: "nowhere" }),
    "a member in a list that there is not": () => cluster.addNodes([{ in: "nowhere" }]),
    "an option in a list": () => cluster.addNodes([{ memory: "1g" }]),
    "a name in a list": () => cluster.addNodes([{ name: "-" }]),
    "a name": () => cluster.addNode({ name: "-" }),
    "a name that is taken": () => cluster.addNode({ name: node.name }),
    "a number of nodes": () => cluster.addNodes(-1),
    "too many nodes": () => cluster.addNodes(1_000_000),
    "no work": () => cluster.each(1),
    "no nodes": () => cluster.each(() => 1, node),
    "a port of forwards": () => cluster.forwards(0),
    "nodes of forwards": () => cluster.forwards(1, { nodes: [1] }),
    "no nodes of a link": () => cluster.link(1, 2, 3),
    "a stranger of a link": () => cluster.link(node, stranger, 80),
    "a link to itself": () => cluster.link(node, node, 80),
    "a port of a mesh": () => cluster.mesh([node], 0),
    "a note": () => cluster.note(1),
    "a step": () => cluster.step(1),
    "a measure": () => cluster.measure("x", "y"),
    "nothing to look at": () => cluster.hold(),
    "a port of a forward": () => node.forward(0),
    "a local port": () => node.forward(80, { port: -1 }),
    "a port of a reverse forward": () => node.reverseForward(0),
    "a port of a connection": () => node.connect({ port: 70_000 }),
    "a port of a listener": () => node.listen({ port: -1 }),
    "a port that is waited for": () => node.waitForPort(0),
    "a status": () => node.waitForHttp("http://127.0.0.1:1", { status: 7 }),
    "a command's name": () => node.run(""),
    "a command's arguments": () => node.run("true", "x"),
    "a command's variables": () => node.run("true", [], { env: { a: 1 } }),
    "a command's time": () => node.run("true", [], { timeout: 0 }),
    "a command's output": () => node.run("true", [], { maxOutput: -1 }),
    "a process's name": () => node.spawn(""),
    "a process's streams": () => node.spawn("true", [], { stdin: "x" }),
    "content that is none": () => node.writeFile("f", 1),
    "text that is none": () => node.writeTextFile("f", 1),
    "where nothing can be copied to": () => node.copyTo(1, "f"),
    "a hash that is none": () => node.downloadUrl("http://127.0.0.1:1", "f", { sha256: "x" }),
    "an owner": () => node.chown("f", "x", 1),
    "a URL that is none": () => node.fetch("nowhere"),
    "a request that cannot be": () =>
      node.fetch("http://127.0.0.1:1", { method: "GET", body: "x" }),
    "a URL that is waited for": () => node.waitForHttp("nowhere"),
    "how long is waited": () => node.waitForPort(1, { timeout: -1 }),
    "a user": () => node.run("true", [], { user: "" }),
    "the place of a folder": () => node.makeTempDir({ dir: "" }),
    "an open file's options": () => node.open("f", { reed: true }),
    "what is uploaded": () => node.upload(1, "f"),
  };
}
