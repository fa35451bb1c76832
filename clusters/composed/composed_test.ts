import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { BackendUnusableError, MissingAbilityError } from "../errors.ts";
import type { AbilityName, Backend, Needs } from "../kit/mod.ts";
import { docker } from "../docker/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { backendFromRecipe, composed, type OptionsOf } from "./mod.ts";
import { failingMember } from "./testing/failing_member.ts";

/** What untyped code passes. */
// deno-lint-ignore no-explicit-any -- it fits everything
type Untyped = any;

Deno.test("composed() refuses what no backend can be composed of, and says what is wrong", () => {
  const inner = composed({ here: local() });
  const wrong: readonly (readonly [members: Untyped, message: RegExp])[] = [
    [undefined, /its members are an object, such as .*, and not undefined$/],
    [[local()], /its members are an object/],
    [{}, /it has no members; name some/],
    [{ "1": local() }, /"1" cannot be the name of a member/],
    [{ "a b": local() }, /"a b" cannot be the name of a member/],
    [{ here: undefined }, /the member "here" is no backend/],
    [{ here: local }, /the member "here" is no backend/],
    [{ inner }, /the member "inner" is composed itself; name its members here$/],
  ];
  for (const [members, message] of wrong) {
    throws(() => composed(members), (error: Error) => {
      match(error.message, /^Cannot compose a backend: /);
      match(error.message, message);
      match(error.stack!.split("\n    at ")[1]!, /composed_test\.ts/);
      return error instanceof TypeError;
    });
  }
});

Deno.test("addNodes() adds nodes of several members by one call, in the order of the list", async () => {
  const backend = composed({ here: local(), there: loopback() });
  await using cluster = await Cluster.create(backend);
  const members: unknown[] = [];
  cluster.events.subscribe((event) => {
    if (event.type === "node-ready") members.push([event.node, event.member]);
  });
  const nodes = await cluster.addNodes([
    { in: "there", env: { ROLE: "server" } },
    { name: "client" },
    { in: "there", name: "other" },
    { in: "here" },
  ]);
  deepStrictEqual(nodes.map(({ name, backend }) => [name, backend]), [
    ["node1", "loopback"],
    ["client", "local"],
    ["other", "loopback"],
    ["node2", "local"],
  ]);
  strictEqual((await nodes[0].run("printenv", ["ROLE"])).stdout, "server\n");
  strictEqual(cluster.backend, "composed");
  deepStrictEqual(members, [
    ["node1", "there"],
    ["client", "here"],
    ["other", "there"],
    ["node2", "here"],
  ]);
});

Deno.test("nodes are in the first member unless they say where they are", async () => {
  await using cluster = await Cluster.create(composed({ there: loopback(), here: local() }));
  const [one, two] = await cluster.addNodes(2);
  const three = await cluster.addNode({ in: undefined });
  deepStrictEqual([one, two, three].map(({ backend }) => backend), Array(3).fill("loopback"));
  await one.kill();
  await one.start();
  strictEqual(await one.hostname(), Deno.hostname());
});

Deno.test("two members of one kind are clusters of their own, which share nothing", async () => {
  await using cluster = await Cluster.create(composed({ one: local(), two: local() }));
  const [one, two] = await cluster.addNodes([{ in: "one" }, { in: "two" }]);
  await two.writeTextFile("kept", "content");
  await one.destroy();
  strictEqual(await two.readTextFile("kept"), "content");
});

Deno.test("options are those of the member, and what it does not have is refused", async () => {
  const box = docker({ image: "debian" });
  // Nothing is asked of an engine before nodes are added: another backend stands in for it.
  const backend = composed({
    here: local(),
    box: { ...local(), nodeOptions: box.nodeOptions, ...openLocal() },
  });
  await using cluster = await Cluster.create(backend);
  const add = (options: Untyped) => cluster.addNode(options);
  await rejects(add({ in: "bx" }), /^TypeError: Cannot add a node in "bx": .*: "here", "box"$/);
  await rejects(add({ in: 1 }), /^TypeError: Cannot add a node in 1: /);
  await rejects(add({ memory: "256m" }), /no option "memory"; those that there are: name, env/);
  await rejects(add({ in: "box", memroy: "256m" }), /did you mean "memory"\?$/);
  await rejects(add(5), /its options must be an object, not 5$/);
  await rejects(
    cluster.addNodes([{ in: "box" }, { in: "here", memory: 1 }] as Untyped),
    /^TypeError: Cannot add node 2 of 2: there is no option "memory"/,
  );
  deepStrictEqual(cluster.nodes, []);
});

function openLocal(): Pick<Backend, "open" | "sweep"> {
  const backend = local();
  return { open: (context) => backend.open(context), sweep: (options) => backend.sweep(options) };
}

Deno.test("the types of options are those of the member", () => {
  const backend = composed({ box: docker({ image: "debian" }), here: local() });
  const add = (_: Parameters<Cluster<OptionsOf<typeof backend>>["addNode"]>[0]) => {};
  add({ in: "box", memory: "256m" });
  add({ in: "here", env: { A: "b" } });
  add({ memory: "256m", name: "of-the-first" });
  // @ts-expect-error: nodes of this machine have no such option
  add({ in: "here", memory: "256m" });
  // @ts-expect-error: there is no such member
  add({ in: "elsewhere" });
});

/** The local backend as one that has no more than these abilities. */
function able(...abilities: AbilityName[]): Backend {
  const { name, nodeOptions, recipe } = local();
  return { name, abilities, nodeOptions, recipe, ...openLocal() };
}

Deno.test("needs are those of every member, or of those that they name", async () => {
  const backend = composed({ all: able("kill", "pause"), some: able("kill") });
  deepStrictEqual(backend.abilities, ["kill"]);
  const create = (needs: Needs) => Cluster.create(backend, { needs });
  await using _one = await create(["kill"]);
  await using _two = await create({ all: ["pause"], some: [] });
  const missing = (error: Error) => {
    match(error.message, /^Cannot pause a node on backend "local", the member "some": /);
    return error instanceof MissingAbilityError;
  };
  await rejects(create(["pause"]), missing);
  await rejects(create({ some: ["pause"] }), missing);
  await rejects(create({ none: ["kill"] }), /names the member "none"; those .*: "all", "some"$/);
  await rejects(create({ toString: ["kill"] } as Untyped), /names the member "toString"/);
  await rejects(create({ all: "kill" } as Untyped), /"needs" of "all" is a list of abilities/);
  await rejects(create(5 as Untyped), /"needs" is a list of abilities, or of those of each member/);
  await rejects(
    Cluster.create(local(), { needs: { all: ["kill"] } }),
    /^TypeError: Cannot create a cluster: "needs" is a list of abilities, not /,
  );
});

Deno.test("each member gets to know what is needed of it", async () => {
  const needs: Record<string, readonly AbilityName[]> = {};
  const noting = (member: string): Backend => ({
    ...able("kill", "pause"),
    open: (context) => {
      needs[member] = context.needs;
      strictEqual(context.memberNeeds, undefined);
      return local().open(context);
    },
  });
  const backend = composed({ one: noting("one"), two: noting("two") });
  await using _all = await Cluster.create(backend, { needs: ["kill"] });
  deepStrictEqual(needs, { one: ["kill"], two: ["kill"] });
  await using _one = await Cluster.create(backend, { needs: { one: ["pause"] } });
  deepStrictEqual(needs, { one: ["pause"], two: [] });
});

Deno.test("a member that fails to open ends the others, and is named; its error keeps its class", async () => {
  const unusable = { backend: "local", reason: "it is closed", remedy: "Come tomorrow" };
  const others = [failingMember(), failingMember()];
  const waiting = Promise.withResolvers<void>();
  const backend = composed({
    one: others[0]!.backend,
    closed: failingMember({
      open: () => Promise.reject(new BackendUnusableError(unusable)),
    }).backend,
    slow: failingMember({
      open: (signal) =>
        new Promise((_, reject) => {
          const end = () => {
            waiting.resolve();
            reject(signal.reason);
          };
          if (signal.aborted) end();
          else signal.addEventListener("abort", end);
        }),
    }).backend,
    two: others[1]!.backend,
  });
  await rejects(Cluster.create(backend), (error: BackendUnusableError) => {
    match(
      error.message,
      /^Cannot open the member "closed": Cannot use backend "local": it is closed/,
    );
    deepStrictEqual([error instanceof BackendUnusableError, error.remedy], [true, "Come tomorrow"]);
    return true;
  });
  await waiting.promise;
  deepStrictEqual(others.map(({ open }) => open()), [0, 0]);
});

Deno.test("what cannot be given back of members that were open is told, and the others are", async () => {
  const other = failingMember();
  const stuck = failingMember({ dispose: () => Promise.reject(new Error("it is stuck")) });
  const backend = composed({
    stuck: stuck.backend,
    closed: failingMember({ open: () => Promise.reject(new Error("it is closed")) }).backend,
    other: other.backend,
  });
  const context = await contextOf(backend);
  const error = await backend.open(context).then(() => undefined, (error) => error);
  ok(error instanceof SuppressedError);
  match(String(error.suppressed), /Cannot open the member "closed": it is closed/);
  match(String(error.error), /Cannot give back all of "stuck":\nit is stuck/);
  strictEqual(other.open(), 0);
});

/** What a cluster tells its backend. */
async function contextOf(backend: Backend<Untyped>): Promise<Parameters<Backend["open"]>[0]> {
  const told = Promise.withResolvers<Parameters<Backend["open"]>[0]>();
  const spy: Backend = {
    ...able(),
    composition: backend.composition,
    open: (context) => {
      told.resolve(context);
      return Promise.reject(new Error("Only asked"));
    },
  };
  await rejects(Cluster.create(spy), /Only asked/);
  return { ...await told.promise, signal: new AbortController().signal };
}

Deno.test("aborting the signal while members open gives back all of them, with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const other = failingMember();
  const backend = composed({
    other: other.backend,
    slow: failingMember({
      open: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("The opening ended")));
          controller.abort(reason);
        }),
    }).backend,
  });
  await rejects(
    Cluster.create(backend, { signal: controller.signal }),
    (error) => error === reason,
  );
  strictEqual(other.open(), 0);
});

Deno.test("nodes of a member that cannot be added leave none of the call, and their member is named", async () => {
  let isFull = true;
  const full = failingMember({
    create: () => isFull ? Promise.reject(new RangeError("there is no room")) : Promise.resolve(),
  });
  await using cluster = await Cluster.create(composed({ here: local(), full: full.backend }));
  const add = () => cluster.addNodes([{ in: "here" }, { in: "full" }, { in: "here" }]);
  await rejects(add(), {
    name: "RangeError",
    message: 'Cannot add nodes in "full": there is no room',
  });
  deepStrictEqual(cluster.nodes, []);
  const left = await cluster.addNode({ in: "here", name: "left" });
  deepStrictEqual((await left.run("ls", [".."])).stdout, "left\n");
  isFull = false;
  strictEqual((await add()).length, 3);
});

Deno.test("aborting an addition ends it in all members, with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const slow = failingMember({
    create: (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        controller.abort(reason);
      }),
  });
  await using cluster = await Cluster.create(composed({ here: local(), slow: slow.backend }));
  const { signal } = controller;
  await rejects(
    cluster.addNodes([{ in: "here" }, { in: "slow" }], { signal }),
    (error) => error === reason,
  );
  deepStrictEqual(cluster.nodes, []);
});

Deno.test("a member that cannot be given back hides no other's disposal, and is named", async () => {
  const stuck = failingMember({ dispose: () => Promise.reject(new TypeError("it is stuck")) });
  const others = [failingMember(), failingMember()];
  const backend = composed({
    one: others[0]!.backend,
    stuck: stuck.backend,
    two: others[1]!.backend,
    there: loopback(),
  });
  const provider = await backend.open(await contextOf(backend));
  const places = [{ in: "one" }, { in: "stuck" }, { in: "two" }, { in: "there" }];
  const requests = places.map((options, i) => ({ name: `node${i}`, options })) as Untyped;
  const nodes = await provider.create(requests, { signal: new AbortController().signal });
  const disposals = [1, 2].map(() => provider[Symbol.asyncDispose]());
  for (const disposal of disposals) {
    await rejects(() => Promise.resolve(disposal), {
      name: "TypeError",
      message: 'Cannot give back all of "stuck":\nit is stuck',
    });
  }
  deepStrictEqual(others.map(({ open }) => open()), [0, 0]);
  for (const { host } of nodes) {
    await rejects(Deno.lstat(host.info.rootDir), Deno.errors.NotFound);
  }
});

Deno.test("all members are swept, whatever one of them does", async () => {
  const backend = composed({
    broken: failingMember({ sweep: () => Promise.reject(new Error("it is down")) }).backend,
    here: local(),
  });
  await using cluster = await Cluster.create(backend, { name: "swept" });
  await cluster.addNode({ in: "here" });
  const { found } = await backend.sweep({ dryRun: true, run: "no-such-run" });
  deepStrictEqual(found, [{
    kind: "member",
    id: "broken",
    reason: "it could not be swept",
    outcome: { failed: "it is down" },
  }]);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await rejects(backend.sweep({ signal }), (error) => error === reason);
});

Deno.test("a recipe finds the members again, by their names", async () => {
  const { recipe } = composed({ here: local(), there: loopback() });
  deepStrictEqual(recipe.options, {
    here: { backend: "local", options: {} },
    there: { backend: "loopback", options: {} },
  });
  const { found } = await backendFromRecipe(recipe.options).sweep({ run: "no-such-run" });
  deepStrictEqual(found, []);
});

Deno.test("members share one thread that keeps leases, until the last of them is given back", async () => {
  const RealWorker = Worker;
  let count = 0;
  globalThis.Worker = class extends RealWorker {
    constructor(...of: ConstructorParameters<typeof RealWorker>) {
      super(...of);
      if (of[1]?.name === "clustertest heartbeats") count++;
    }
  };
  try {
    await using cluster = await Cluster.create(composed({ one: loopback(), two: loopback() }));
    const [one, two] = await cluster.addNodes([{ in: "one" }, { in: "two" }]);
    strictEqual(count, 1);
    await one.destroy();
    strictEqual(await two.hostname(), Deno.hostname());
  } finally {
    globalThis.Worker = RealWorker;
  }
});
