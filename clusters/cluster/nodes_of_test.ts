// What the members of a cluster are typed as. The compiler is the test (`deno check`): nothing runs.
import type { NetConnectOpts } from "node:net";
import type { Cluster } from "./cluster.ts";
import type { DockerNodeOptions } from "../docker/mod.ts";
import type { Forwards } from "./forwards.ts";
import type { Node } from "../node/mod.ts";

/** `true` only for types that are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only when the call resolves to exactly the expected type. */
function resolves<Expected>(): <Actual>(
  call: () => Promise<Actual>,
  same: Same<Actual, Expected>,
) => void {
  return () => {};
}

declare const cluster: Cluster<DockerNodeOptions>;
declare const some: readonly DockerNodeOptions[];
declare const count: number;
declare const few: 1 | 2;
declare const one: Node;

/** A literal number gives a tuple, so that no node of it has to be checked. */
export function checkNumbers(): void {
  resolves<[]>()(() => cluster.addNodes(0), true);
  resolves<[Node, Node, Node]>()(() => cluster.addNodes(3, { image: "etcd" }), true);
  resolves<[Node] | [Node, Node]>()(() => cluster.addNodes(few), true);
  resolves<Node[]>()(() => cluster.addNodes(count), true);
  // Counting to these would take the checker long, or for ever.
  resolves<Node[]>()(() => cluster.addNodes(65), true);
  resolves<Node[]>()(() => cluster.addNodes(1_000_000), true);
  resolves<Node[]>()(() => cluster.addNodes(-1), true);
  resolves<Node[]>()(() => cluster.addNodes(1.5), true);
}

/** A list gives a tuple of its length, and each entry has the options of the backend. */
export function checkLists(): void {
  resolves<[]>()(() => cluster.addNodes([]), true);
  resolves<[Node, Node]>()(() => cluster.addNodes([{ image: "etcd" }, { name: "b" }]), true);
  resolves<[Node, ...Node[]]>()(() => cluster.addNodes([{ name: "first" }, ...some]), true);
  resolves<Node[]>()(() => cluster.addNodes(some), true);
  resolves<Node[]>()(() => cluster.addNodes(some.map(({ image }) => ({ image }))), true);
  // @ts-expect-error -- there is no such option
  cluster.addNodes([{ name: "a" }, { imgae: "etcd" }]);
  // @ts-expect-error -- an option has a type
  cluster.addNodes([{ pull: "sometimes" }]);
}

/** The results are as many as the nodes, and of the type of what is done on them. */
export function checkEach(): void {
  resolves<string[]>()(() => cluster.each((node) => node.hostname()), true);
  resolves<[number, number]>()(() => cluster.each((_, { index }) => index, [one, one]), true);
  resolves<void[]>()(() => cluster.each(() => {}, cluster.nodes), true);
}

/** What clients of clustered services take in place of addresses, as they have it in their types. */
export function checkAddresses(forwards: Forwards): void {
  const _ioredis: { [key: string]: { host: string; port: number } } = forwards.byAddress;
  const _kafka: NetConnectOpts = forwards.translate("node1", 9092);
}
