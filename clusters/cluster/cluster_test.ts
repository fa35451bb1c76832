import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import type { Host } from "../../agent/host/host.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { Backend, ClusterContext, ProvidedNode, Provider } from "../kit/mod.ts";
import { BackendUnusableError, MissingAbilityError } from "../errors.ts";
import { Cluster } from "./cluster.ts";
import { checkedHeartbeat } from "./cluster_options.ts";
import { local } from "../local/mod.ts";
import { removeFolder } from "../testing/remove_folder.ts";

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
  await rejects(Cluster.create(local(), { needs }), /"needs" is a list of abilities, not "pause"/);
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

/** The local backend, whose nodes are as `change` makes them, with the number of each. */
function changing(change: (node: ProvidedNode, index: number) => ProvidedNode): Backend {
  return opening(async (context) => {
    const provider = await local().open(context);
    return {
      create: async (requests, options) =>
        (await provider.create(requests, options)).map((node, i) => change(node, i)),
      [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
    };
  });
}

/** The local backend, whose nodes cannot be destroyed as often as said. */
function refusing(times: number): Backend {
  return changing((node) => ({ ...node, destroy: () => refuse(node) }));
  function refuse(node: ProvidedNode): Promise<void> {
    return times-- > 0 ? Promise.reject(new Error("It is in use")) : node.destroy();
  }
}

Deno.test("a node that could not be destroyed can be tried again, and its name is taken until then", async () => {
  await using cluster = await Cluster.create(refusing(1), { progress: false });
  const ended: unknown[] = [];
  cluster.events.subscribe((event) => event.type === "node-stopped" && ended.push(event.node));
  const node = await cluster.addNode({ name: "alpha" });
  await rejects(node.destroy(), /It is in use/);
  await rejects(cluster.addNode({ name: "alpha" }), /has one of that name/);
  deepStrictEqual(ended, []);
  await Promise.all([node.destroy(), node.stop()]);
  deepStrictEqual(ended, ["alpha"]);
  await cluster.addNode({ name: "alpha" });
});

Deno.test("the end of a cluster says nothing of a node that could be destroyed in the end", async () => {
  for (const end of ["stop", Symbol.asyncDispose] as const) {
    const cluster = await Cluster.create(refusing(2), { progress: false });
    await cluster.addNodes(2);
    await cluster[end]();
  }
});

/** A host whose last metrics come only after `pause`. */
function withLateMetrics(host: Host, pause: () => Promise<void>): Host {
  const late = new TransformStream({ flush: pause });
  const metrics: Host["metrics"] = {
    sample: (options) => host.metrics.sample(options),
    follow: (options) => host.metrics.follow(options).pipeThrough(late),
  };
  return new Proxy(host, {
    get: (_, name) => name === "metrics" ? metrics : Reflect.get(host, name, host),
  });
}

Deno.test("the end of a cluster destroys all nodes at the same moment, when each has given its metrics", async () => {
  const destroyed: number[] = [];
  const destroyedAtOnce = Promise.withResolvers<number>();
  const first = Promise.withResolvers<void>();
  let isFlushed = false;
  const cluster = await Cluster.create(
    changing((node, i) => ({
      ...node,
      // It comes last: later than the first node could be destroyed without it.
      ...i === 2 && {
        host: withLateMetrics(node.host, async () => {
          await settledWithin(100, first.promise);
          isFlushed = destroyed.length === 0;
        }),
      },
      destroy: () => {
        if (destroyed.length === 0) setTimeout(() => destroyedAtOnce.resolve(destroyed.length), 0);
        destroyed.push(i);
        first.resolve();
        return node.destroy();
      },
    })),
    { progress: false },
  );
  await cluster.addNodes(3);
  await cluster[Symbol.asyncDispose]();
  strictEqual(await destroyedAtOnce.promise, 3);
  ok(isFlushed, "a node was destroyed before the last one had given its metrics");
});

Deno.test({
  name: "the end of a cluster says once of each node that it could not be destroyed",
  // Its guardian stays until this process has ended, as it should.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const cluster = await Cluster.create(refusing(Infinity), { progress: false });
    const errors: (readonly string[])[] = [];
    cluster.events.subscribe((event) => {
      if (event.type === "cluster-disposed") errors.push(event.errors);
    });
    await cluster.addNode();
    const error = await cluster[Symbol.asyncDispose]().catch((error) => error);
    deepStrictEqual(error.errors.map(String), ["Error: It is in use"]);
    deepStrictEqual(errors, [["Error: It is in use"]]);
  },
});

Deno.test("what could not be given back is shown when the body of a test fails as well", async () => {
  const dir = await Deno.makeTempDir();
  const file = `${dir}/both_test.ts`;
  const modules = ["../../mod.ts", "../local/mod.ts"].map((module) => import.meta.resolve(module));
  await Deno.writeTextFile(
    file,
    `import { Cluster } from ${JSON.stringify(modules[0])};
     import { local } from ${JSON.stringify(modules[1])};
     Deno.test("fails twice", async () => {
       const { name, abilities, recipe } = local();
       const provider = {
         create: () => Promise.resolve([]),
         [Symbol.asyncDispose]: () => Promise.reject(new Error("The network is in use")),
       };
       const open = () => Promise.resolve(provider);
       const sweep = () => Promise.resolve({ found: [] });
       await using _cluster = await Cluster.create({ name, abilities, recipe, open, sweep });
       throw new Error("The body failed");
     });`,
  );
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", "--config", config, file],
    cwd: dir,
    env: { NO_COLOR: "1", CLUSTERTEST_PROGRESS: "" },
  }).output();
  await removeFolder(dir);
  strictEqual(code, 1);
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  match(text, /^cluster: not all of it could be given back: Error: The network is in use$/m);
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

Deno.test("Cluster.create() tells the backend what the test needs, and passes on why it cannot", async () => {
  let heard: readonly string[] = [];
  const backend = opening(({ needs }) => {
    heard = needs;
    const reason = "the kernel here has no freezer";
    const missing = { ability: "pause", backend: "local", has: ["kill"], reason } as const;
    return Promise.reject(new MissingAbilityError(missing));
  });
  const created = Cluster.create(backend, { needs: ["pause", "kill"], progress: false });
  const error = await created.catch((error) => error);
  ok(error instanceof MissingAbilityError);
  match(error.message, /^Cannot pause a node on backend "local": the kernel here has no freezer; /);
  deepStrictEqual(heard, ["pause", "kill"]);
});
