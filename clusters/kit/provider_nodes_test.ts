import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { ProvidedNode } from "./provided_node.ts";
import { ProviderNodes } from "./provider_nodes.ts";

/** Nodes that are no more than a name, and what is done to them. */
class Scene {
  readonly done: string[] = [];
  readonly over = new AbortController();
  readonly nodes: ProviderNodes<ProvidedNode> = new ProviderNodes(this.over.signal);

  readonly make = (id: string): Promise<ProvidedNode> => {
    this.done.push(`made ${id}`);
    const destroy = () => {
      this.done.push(`destroyed ${id}`);
      return Promise.resolve();
    };
    return Promise.resolve({ id, destroy } as unknown as ProvidedNode);
  };

  readonly note = (what: string) => (): Promise<void> => {
    this.done.push(what);
    return Promise.resolve();
  };

  giveBack(steps: readonly (() => unknown)[] = [this.note("network")]): Promise<void> {
    const [settle, close] = [this.note("settled"), this.note("closed")];
    return this.nodes.giveBack({ settle, steps, close });
  }
}

const { signal } = new AbortController();

Deno.test("ProviderNodes.obtain() makes all nodes, in the order of their plans, and tells of all", async () => {
  const { nodes, make, done } = new Scene();
  let launched = 0;
  const told: string[][] = [];
  const onObtained = (all: readonly ProvidedNode[]) => {
    told.push(all.map(({ id }) => id));
    return Promise.resolve();
  };
  const how = { make, signal, onLaunched: () => void launched++, onObtained };
  deepStrictEqual((await nodes.obtain(["a", "b"], how)).map(({ id }) => id), ["a", "b"]);
  await nodes.obtain(["c"], how);
  deepStrictEqual([launched, told], [3, [["a", "b"], ["a", "b", "c"]]]);
  deepStrictEqual(done, ["made a", "made b", "made c"]);
});

Deno.test("ProviderNodes.obtain() destroys what it has made when one fails, or is given up", async () => {
  const scene = new Scene();
  const failing = (id: string) =>
    id === "b" ? Promise.reject(new Error("no room")) : scene.make(id);
  await rejects(scene.nodes.obtain(["a", "b"], { make: failing, signal }), /no room/);
  const late = async (id: string) => {
    scene.over.abort(new Error("over"));
    return await scene.make(id);
  };
  await rejects(scene.nodes.obtain(["c"], { make: late, signal }), /over/);
  await scene.giveBack();
  deepStrictEqual(scene.done, [
    ...["made a", "destroyed a", "made c", "destroyed c"],
    ...["settled", "network", "closed"],
  ]);
});

Deno.test("ProviderNodes.obtainGroups() makes the nodes of all groups, and destroys those of others when one fails", async () => {
  const scene = new Scene();
  const make = (ids: string) => Promise.all([...ids].map(scene.make));
  const nodes = await scene.nodes.obtainGroups(["ab", "c"], { make, signal });
  deepStrictEqual(nodes.map(({ id }) => id), ["a", "b", "c"]);
  const failing = (ids: string) => ids === "f" ? Promise.reject(new Error("no room")) : make(ids);
  await rejects(scene.nodes.obtainGroups(["de", "f"], { make: failing, signal }), /no room/);
  deepStrictEqual(scene.nodes.all, nodes);
  deepStrictEqual(scene.done.splice(0).slice(-2), ["destroyed d", "destroyed e"]);
  await scene.giveBack();
  const destroyed = ["destroyed a", "destroyed b", "destroyed c"];
  deepStrictEqual(scene.done, ["settled", ...destroyed, "network", ...destroyed, "closed"]);
});

Deno.test("ProviderNodes.giveBack() waits for nodes that are being made, and closes whatever fails", async () => {
  const scene = new Scene();
  const made = Promise.withResolvers<void>();
  const make = async (id: string) => {
    await made.promise;
    return await scene.make(id);
  };
  const obtaining = scene.nodes.obtain(["a"], { make, signal, onObtained: scene.note("told") });
  const givingBack = scene.giveBack([
    () => Promise.reject(new Error("in use")),
    scene.note("network"),
  ]);
  made.resolve();
  await obtaining;
  await rejects(givingBack, /in use/);
  const once = ["made a", "told", "settled", "destroyed a", "network", "destroyed a", "closed"];
  deepStrictEqual(scene.done, once);
  await rejects(scene.giveBack(), /in use/);
  strictEqual(scene.done.length, once.length);
});
