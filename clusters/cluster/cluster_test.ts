import { deepStrictEqual, match, rejects, throws } from "node:assert/strict";
import type { Backend, ClusterContext, Provider } from "../kit/backend.ts";
import { BackendUnusableError } from "../errors.ts";
import { Cluster } from "./cluster.ts";
import { checkedHeartbeat } from "./cluster_options.ts";
import { local } from "../local/mod.ts";

const REFUSAL = { backend: "local", reason: "it is closed today", remedy: "Come tomorrow" };

/** The local backend, but for how it is opened. */
function opening(open: (context: ClusterContext) => Promise<Provider>): Backend {
  const { name, abilities, recipe } = local();
  return { name, abilities, recipe, open, sweep: () => Promise.resolve({ found: [] }) };
}

Deno.test("Cluster.create() ends the opening of its backend when its signal aborts", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const backend = opening(({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("The opening ended")));
      controller.abort(reason);
    })
  );
  const { signal } = controller;
  await rejects(Cluster.create(backend, { signal }), (error) => error === reason);
});

Deno.test("Cluster.create() gives back a backend that opens although its signal aborted", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let disposals = 0;
  const backend = opening(() => {
    controller.abort(reason);
    return Promise.resolve({
      create: () => Promise.resolve([]),
      [Symbol.asyncDispose]: () => Promise.resolve(void disposals++),
    });
  });
  const { signal } = controller;
  await rejects(Cluster.create(backend, { signal }), (error) => error === reason);
  deepStrictEqual(disposals, 1);
});

Deno.test("Cluster.create() refuses what is no backend, and needs that are no list", async () => {
  for (const wrong of ["local", { name: "mine" }, local] as unknown as Backend[]) {
    await rejects(Cluster.create(wrong), /is no backend, such as local\(\)/);
  }
  const needs = "pause" as unknown as [];
  await rejects(Cluster.create(local(), { needs }), /"needs" is a list of abilities, not pause/);
});

Deno.test("addNodes() passes on the options of its nodes, and not its signal", async () => {
  const asked: unknown[] = [];
  const backend = opening(async (context) => {
    const provider = await local().open(context);
    return {
      create: (requests, options) => {
        asked.push(...requests.map(({ options }) => options));
        return provider.create(requests, options);
      },
      [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
    };
  });
  await using cluster = await Cluster.create(backend);
  const { signal } = new AbortController();
  await cluster.addNode({ name: "alpha", env: { COLOUR: "blue" }, signal });
  deepStrictEqual(asked, [{ name: "alpha", env: { COLOUR: "blue" } }]);
});

Deno.test("a heartbeat is refused when it would not work, or never end a node", () => {
  const wrong = [
    { interval: 0 },
    { interval: NaN },
    { interval: 1000, timeout: 1999 },
    { timeout: Infinity },
    { interval: Infinity, timeout: Infinity },
    { interval: 2 ** 31, timeout: 2 ** 33 },
  ];
  for (const heartbeat of wrong) throws(() => checkedHeartbeat(heartbeat), RangeError);
});

Deno.test("the errors of Cluster.create(), addNode() and addNodes() have the caller's line first", async () => {
  const refuse = () => Promise.reject(new BackendUnusableError(REFUSAL));
  const refusing = opening(() =>
    Promise.resolve({ create: refuse, [Symbol.asyncDispose]: () => Promise.resolve() })
  );
  await using cluster = await Cluster.create(refusing);
  const calls = [
    () => Cluster.create(opening(refuse)),
    () => cluster.addNode(),
    () => cluster.addNodes(2),
  ];
  for (const call of calls) {
    await rejects(call, (error: Error) => {
      match(error.stack!, /^BackendUnusableError: .*\n +at .*\/cluster_test\.ts:/);
      return error instanceof BackendUnusableError;
    });
  }
});
