import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { setTimeout as later } from "node:timers/promises";
import { Cluster } from "../cluster/mod.ts";
import { EssentialProcessError, TestTimeoutError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { Backend, ProvidedNode } from "../kit/mod.ts";
import { local } from "../local/mod.ts";
import type { TestFailure } from "../record/mod.ts";
import { eventually } from "../waiting/mod.ts";
import { HeldTimeLimits } from "./testing/held_time_limits.ts";
import { TestProject } from "./testing/test_project.ts";
import { clusterTest } from "./test_definition.ts";

const OPTIONS = { backend: local(), progress: false } as const;

/** What a framework gives to a test, as far as one is interested in it. */
type Context = Deno.TestContext & { readonly signal?: AbortSignal };

const CONTEXT = { name: "it works" } as Context;

/** What a test rejects with. */
function failureOf(test: Promise<void>): Promise<Error & { errors: Error[] }> {
  return test.then(() => Promise.reject(new Error("It passed")), (error) => error);
}

/** Calls back when the next command has been started. */
function onStart(cluster: Cluster, callback: () => void): void {
  const subscription = cluster.events.subscribe(({ type }) => {
    if (type !== "command-started") return;
    subscription[Symbol.dispose]();
    callback();
  });
}

/** A backend that is as the local one, and that says at its end that the network is in use. */
function undisposable(): Backend {
  const { name, abilities, recipe } = local();
  const sweep = () => Promise.resolve({ found: [] });
  return {
    ...{ name, abilities, recipe, sweep },
    open: async (context) => {
      const provider = await local().open(context);
      const disposed = () => Promise.reject(new Error("The network is in use"));
      return {
        create: (requests, options): Promise<ProvidedNode[]> => provider.create(requests, options),
        [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose]().then(disposed),
      };
    },
  };
}

Deno.test("a test has a cluster with its name, a context, and nothing of it after its end", async () => {
  let cluster: Cluster | undefined;
  const events: ClusterEvent[] = [];
  await clusterTest({ ...OPTIONS, needs: ["kill"] }, async (given, { name }: Context) => {
    cluster = given;
    given.events.subscribe((event) => events.push(event));
    strictEqual(name, "it works");
    await given.addNode();
  })(CONTEXT);
  strictEqual(cluster!.signal.aborted, true);
  deepStrictEqual(cluster!.nodes, []);
  const ended = events.filter(({ type }) => type === "test-ended" || type === "cluster-disposed");
  deepStrictEqual(ended.map(({ type }) => type), ["test-ended", "cluster-disposed"]);
  const [first] = ended;
  ok(first?.type === "test-ended" && first.verdict === "passed");
});

Deno.test("a test rejects with what its body throws, unchanged", async () => {
  const error = new TypeError("the body");
  for (
    const body of [() => Promise.reject(error), () => {
      throw error;
    }]
  ) {
    strictEqual(await failureOf(clusterTest(OPTIONS, body)(CONTEXT)), error);
  }
});

/** Reading any property of it throws. */
const UNREADABLE = new Proxy(new Error(), {
  get: () => {
    throw new Error("trap");
  },
});

Deno.test("nothing is left behind by a test that fails with what cannot be read", async () => {
  let cluster: Cluster | undefined;
  for (const thrown of [UNREADABLE, new Error("outer", { cause: UNREADABLE })]) {
    const failing = clusterTest(OPTIONS, async (given) => {
      cluster = given;
      await given.addNode();
      throw thrown;
    });
    // Not as the value of a promise, which would be read.
    ok(await failing(CONTEXT).then(() => false, (error) => error === thrown));
    deepStrictEqual(cluster!.nodes, []);
  }
});

Deno.test("a test may dispose of its cluster, and look at what is left", async () => {
  await clusterTest(OPTIONS, async (cluster, _context: Context) => {
    const { rootDir } = await cluster.addNode();
    await cluster.stop();
    await rejects(Deno.stat(rootDir), Deno.errors.NotFound);
  })(CONTEXT);
});

Deno.test({
  name: "the failures of a body and of a disposal are both told, the body's first",
  // Its guardian stays until this process has ended, as it should.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const backend = undisposable();
    const body = () => Promise.reject(new Error("The body failed"));
    const error = await failureOf(clusterTest({ ...OPTIONS, backend }, body)(CONTEXT));
    ok(error instanceof AggregateError);
    deepStrictEqual(error.errors[0]!.message, "The body failed");
    match(error.message, /^Error: The body failed\nAfter that: .*The network is in use/);
    const only = await failureOf(clusterTest({ ...OPTIONS, backend }, () => {})(CONTEXT));
    match(only.message, /^Cannot give back all of cluster .*The network is in use$/);
  },
});

Deno.test("a test whose time is over says what was under way, and its body is not waited for", async () => {
  using limits = new HeldTimeLimits();
  const timeout = limits.next();
  const test = clusterTest({ ...OPTIONS, timeout }, async (cluster, _context: Context) => {
    const [node] = await cluster.addNodes(2);
    const process = await node.spawn("sh", ["-c", "echo not ready; sleep 100"]);
    await process.waitForOutput("not ready");
    onStart(cluster, () => limits.reach(timeout));
    await Promise.race([node.run("sleep", ["100"]), new Promise(() => {})]);
  });
  const error = await failureOf(test(CONTEXT));
  ok(error instanceof TestTimeoutError);
  strictEqual(error.timeout, timeout);
  match(
    error.message,
    new RegExp([
      `Cannot complete test "it works" within ${timeout} ms: under way was`,
      '  node1: node\\.run\\("sleep"\\) for \\d+\\.\\d s',
      "  node1: `sh -c echo not ready; sleep 100` runs for \\d+\\.\\d s",
      "    \\| not ready",
      "  node1: `sleep 100` runs for \\d+\\.\\d s$",
    ].join("\n")),
  );
  match(error.stack!, /\n +at .*\/test_run_test\.ts:/);
});

Deno.test("a test whose time is over fails although it kept the thread until it ended", async () => {
  const test = clusterTest({ ...OPTIONS, timeout: 10 }, (_cluster, _context: Context) => {
    const end = performance.now() + 20;
    while (performance.now() < end);
  });
  ok(await failureOf(test(CONTEXT)) instanceof TestTimeoutError);
});

Deno.test("a test whose time is over fails at the line that waits, also between two tries", async () => {
  const waiting: Record<string, (cluster: Cluster, end: () => void) => Promise<unknown>> = {
    inCall: async (cluster, end) => {
      const node = await cluster.addNode();
      await eventually(() => node.run("true"));
      onStart(cluster, end);
      await node.run("sleep", ["100"]);
    },
    inWait: async (cluster, end) => {
      const [node, other] = await cluster.addNodes(2);
      // It goes on in the background, and was begun before.
      void other.run("sleep", ["100"]).catch(() => {});
      const check = () => node.run("false").finally(end);
      await eventually(check, { interval: 100_000, timeout: 100_000 });
    },
    inStatus: async (cluster, end) => {
      const node = await cluster.addNode();
      await using process = await node.spawn("sleep", ["100"]);
      end();
      await process.status;
    },
    inStep: async (cluster, end) => {
      await cluster.step("nothing happens", () => new Promise(end));
    },
    inNothing: async (_cluster, end) => {
      end();
      await new Promise(() => {});
    },
    afterAll: async (cluster, end) => {
      const node = await cluster.addNode();
      await using process = await node.spawn("true");
      await cluster.step("it ends", () => process.status);
      end();
      await new Promise(() => {});
    },
  };
  using limits = new HeldTimeLimits();
  const source = (await Deno.readTextFile(new URL(import.meta.url))).split("\n");
  const definition =
    "const test = clusterTest({ ...OPTIONS, timeout }, (cluster, _context: Context) => {";
  const lines = await Promise.all(
    Object.entries(waiting).map(async ([name, body]) => {
      const timeout = limits.next();
      const test = clusterTest({ ...OPTIONS, timeout }, (cluster, _context: Context) => {
        return body(cluster, () => limits.reach(timeout));
      });
      const { stack } = await failureOf(test(CONTEXT));
      const [, line] = /at .*test_run_test\.ts:(\d+)/.exec(stack!)!;
      return [name, source[Number(line) - 1]!.trim()];
    }),
  );
  deepStrictEqual(lines, [
    ["inCall", 'await node.run("sleep", ["100"]);'],
    ["inWait", "await eventually(check, { interval: 100_000, timeout: 100_000 });"],
    ["inStatus", "await process.status;"],
    ["inStep", 'await cluster.step("nothing happens", () => new Promise(end));'],
    ["inNothing", definition],
    ["afterAll", definition],
  ]);
});

Deno.test("a test whose time is over lists a wait once, whatever the wait does meanwhile", async () => {
  using limits = new HeldTimeLimits();
  const timeout = limits.next();
  const test = clusterTest({ ...OPTIONS, timeout }, async (cluster, _context: Context) => {
    const node = await cluster.addNode();
    // It takes the connection of the wait, and never answers.
    await using listener = await node.listen({ port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const waiting = node.waitForHttp(`http://localhost:${port}/health`);
    await using _connection = await listener.accept();
    limits.reach(timeout);
    await waiting;
  });
  const error = await failureOf(test(CONTEXT));
  ok(error instanceof TestTimeoutError);
  deepStrictEqual(error.ongoing.map((line) => line.replaceAll(/[\d.]+ s$|\d{4,}/g, "N")), [
    'node1: node.waitForHttp("http://localhost:N/health") for N',
  ]);
});

Deno.test("what fails a test is told once, also if its body fails for the same reason", async () => {
  const told: string[] = [];
  const test = clusterTest({ ...OPTIONS, timeout: 100 }, async (cluster, _context: Context) => {
    cluster.events.subscribe((event) => {
      if (event.type === "test-ended") told.push(event.error!);
    });
    const node = await cluster.addNode();
    await node.run("sleep", ["100"], { signal: cluster.signal });
  });
  const error = await failureOf(test(CONTEXT));
  deepStrictEqual(told, [`${error.name}: ${error.message}`]);
});

Deno.test("what waits for cluster.signal ends when the time of its test is over", async () => {
  let reason: unknown;
  const test = clusterTest({ ...OPTIONS, timeout: 50 }, async ({ signal }, _context: Context) => {
    await later(60_000, undefined, { signal }).catch(() => reason = signal.reason);
  });
  const error = await failureOf(test(CONTEXT));
  strictEqual(reason instanceof TestTimeoutError, true);
  match(error.message, /: nothing was under way on its nodes$/);
});

Deno.test("a test rejects at once when an essential process has ended, though its body hangs", async () => {
  const test = clusterTest(OPTIONS, async (cluster, _context: Context) => {
    const node = await cluster.addNode();
    await node.spawn("sh", ["-c", "echo cannot bind >&2; exit 98"], { essential: true });
    await new Promise(() => {});
  });
  const error = await failureOf(test(CONTEXT));
  ok(error instanceof EssentialProcessError && error.code === 98);
});

Deno.test("the end of essential processes is told once, whatever waits for them", async () => {
  const test = clusterTest(OPTIONS, async (cluster, _context: Context) => {
    await cluster.addNodes(3);
    const processes = await cluster.each((node) =>
      node.spawn("sh", ["-c", "read line; echo bad flag >&2; exit 2"], {
        ...{ essential: true, stdin: "piped" },
      })
    );
    const waits = cluster.each((node, { index }) => {
      const wait = { while: processes[index]! };
      return index === 0 ? node.waitForHttp("/health", wait) : node.waitForPort(1, wait);
    });
    await Promise.all([waits, ...processes.map(({ stdin }) => stdin.close())]);
  });
  const error = await failureOf(test(CONTEXT));
  ok(error instanceof EssentialProcessError && error.code === 2, error.message);
  match(error.stack!, /^EssentialProcessError: .*\n(?! +at )[^]*?\n +at .*\/test_run_test\.ts:/);
});

Deno.test("a body that puts the ends of essential processes together fails with the first of them", async () => {
  const test = clusterTest(OPTIONS, async (cluster, _context: Context) => {
    const node = await cluster.addNode();
    await node.spawn("false", [], { essential: true });
    const over = new Promise((go) => cluster.signal.addEventListener("abort", go));
    await Promise.race([over, node.run("sleep", ["100"])]).catch(() => {});
    throw new AggregateError([cluster.signal.reason, cluster.signal.reason]);
  });
  ok(await failureOf(test(CONTEXT)) instanceof EssentialProcessError);
});

Deno.test("errors of several failures, and those in them, begin with a line of the test's author", async () => {
  using limits = new HeldTimeLimits();
  const timeout = limits.next();
  const test = clusterTest({ ...OPTIONS, timeout }, async (cluster, _context: Context) => {
    const node = await cluster.addNode();
    limits.reach(timeout);
    await node.waitForPort(1).catch(() => {});
    throw new Error("a further failure");
  });
  const error = await failureOf(test(CONTEXT));
  ok(error instanceof AggregateError);
  ok(error.errors[0] instanceof TestTimeoutError);
  strictEqual(error.cause, undefined);
  for (const { stack } of [error, ...error.errors]) {
    const [first] = stack!.split("\n").filter((line) => /^ +at /.test(line));
    match(first!, /\/test_run_test\.ts:/);
  }
});

Deno.test("a test ends with the reason of its signal, or of its framework's, also while it begins", async () => {
  const reason = new Error("enough");
  let bodies = 0;
  const body = () => (bodies++, new Promise(() => {}));
  const aborted = AbortSignal.abort(reason);
  const givenUp = { ...CONTEXT, signal: aborted };
  strictEqual(await failureOf(clusterTest({ ...OPTIONS, signal: aborted }, body)(CONTEXT)), reason);
  strictEqual(await failureOf(clusterTest(OPTIONS, body)(givenUp)), reason);
  strictEqual(bodies, 0);
  for (const isFrameworks of [false, true]) {
    const controller = new AbortController();
    const { signal } = controller;
    const test = clusterTest({ ...OPTIONS, ...!isFrameworks && { signal } }, (_, __: Context) => {
      controller.abort(reason);
      return body();
    });
    strictEqual(await failureOf(test({ ...CONTEXT, ...isFrameworks && { signal } })), reason);
  }
});

Deno.test("a test whose cluster is being made when it is given up leaves nothing", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let disposals = 0;
  const { name, abilities, recipe } = local();
  const backend: Backend = {
    ...{ name, abilities, recipe, sweep: () => Promise.resolve({ found: [] }) },
    open: () => {
      controller.abort(reason);
      return Promise.resolve({
        create: () => Promise.resolve([]),
        [Symbol.asyncDispose]: () => Promise.resolve(void disposals++),
      });
    },
  };
  const { signal } = controller;
  strictEqual(
    await failureOf(clusterTest({ ...OPTIONS, backend, signal }, () => {})(CONTEXT)),
    reason,
  );
  strictEqual(disposals, 1);
});

Deno.test("a disposer that fails in a test that was skipped is the failure of the test", async () => {
  const test = clusterTest(OPTIONS, () => {
    using _port = {
      [Symbol.dispose]: () => {
        throw new Error("the port is in use");
      },
    };
    throw Object.assign(new Error("skipped"), { code: "VITEST_PENDING" });
  });
  strictEqual((await failureOf(test(CONTEXT))).message, "the port is in use");
});

Deno.test("what Vitest's skip() throws passes through, and is no failure", async () => {
  const skip = Object.assign(new Error("skipped"), { code: "VITEST_PENDING" });
  const verdicts: unknown[] = [];
  const test = clusterTest(OPTIONS, ({ events }, _context: Context) => {
    events.subscribe((event) => event.type === "test-ended" && verdicts.push(event.verdict));
    throw skip;
  });
  strictEqual(await failureOf(test(CONTEXT)), skip);
  deepStrictEqual(verdicts, ["skipped"]);
});

Deno.test("a test with a shared cluster leaves it, also when its time is over", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  const hanging = clusterTest({ cluster, timeout: 20 }, () => new Promise(() => {}));
  ok(await failureOf(hanging(CONTEXT)) instanceof TestTimeoutError);
  strictEqual(cluster.signal.aborted, false);
  const works = clusterTest({ cluster }, async (given, _context: Context) => {
    strictEqual(given, cluster);
    strictEqual((await node.run("echo", ["there"])).stdout, "there\n");
  });
  await works(CONTEXT);
});

Deno.test("a test whose shared cluster has failed already does not begin", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  await node.spawn("false", [], { essential: true });
  while (!cluster.signal.aborted) await later(5);
  let bodies = 0;
  const error = await failureOf(clusterTest({ cluster }, () => bodies++)(CONTEXT));
  ok(error instanceof EssentialProcessError);
  strictEqual(bodies, 0);
});

/** What is told of the processes that run when a test fails. */
async function runningWhenFailed(
  body: (cluster: Cluster, context: Context) => unknown,
): Promise<readonly string[]> {
  const told: (readonly string[])[] = [];
  const test = clusterTest(OPTIONS, (cluster, context: Context) => {
    cluster.events.subscribe((event) => {
      if (event.type === "test-ended") told.push(event.running ?? []);
    });
    return body(cluster, context);
  });
  await failureOf(test(CONTEXT));
  return told.flat().map((line) => line.replace(/\d+\.\d s$/, "N s"));
}

Deno.test("a wait that takes too long tells of the processes that run on its node, unless its error does", async () => {
  const script = ["-c", "echo no leader >&2; exec sleep 100"];
  const lines = ["node1: `sh -c echo no leader >&2; exec sleep 100` runs for N s", "  | no leader"];
  for (const isTold of [false, true]) {
    const told = await runningWhenFailed(async (cluster) => {
      const [node, other] = await cluster.addNodes(2);
      const process = await node.spawn("sh", script);
      await process.waitForOutput("leader");
      await other.spawn("sleep", ["100"]);
      const options = { timeout: 0, ...isTold && { while: process } };
      await cluster.each(() => node.waitForPort(1, options), [node]);
    });
    deepStrictEqual(told, isTold ? [] : lines);
  }
  const none = await runningWhenFailed(async (cluster) => {
    const node = await cluster.addNode();
    await node.spawn("sleep", ["100"]);
    throw new Error("no wait");
  });
  deepStrictEqual(none, []);
});

const REMOVES_ITS_FOLDER = `
Deno.test("removes its folder", clusterTest({ artifacts: ["*"] }, async (cluster) => {
  await cluster.addNode();
  const dir = await Deno.makeTempDir();
  Deno.chdir(dir);
  await Deno.remove(dir);
  throw new Error("its own failure");
}));
`;

Deno.test("a test that removes its current folder fails with its own failure, and leaves nothing", async () => {
  await using project = await TestProject.create({ "a_test.ts": REMOVES_ITS_FOLDER });
  const { output, index } = await project.test();
  match(output, /^error: Error: its own failure$/m);
  deepStrictEqual(index.tests!.map(({ end }) => end!.errors), [["Error: its own failure"]]);
  deepStrictEqual(index.clusters.map(({ end }) => end?.errors), [[]]);
});

const PROJECT = `
Deno.test("passes", clusterTest(async (cluster) => {
  const node = await cluster.addNode();
  strictEqual((await node.run("echo", ["x"])).stdout, "x\\n");
}));
Deno.test("fails after a panic", clusterTest({ artifacts: ["data/*.log", "none/*"] }, async (cluster, t) => {
  const node = await cluster.addNode();
  await node.writeTextFile("data/one.log", "what happened");
  const server = await node.spawn("sh", ["-c", "echo starting; echo panic: in use >&2; exit 3"]);
  await server.status;
  strictEqual(t.name, "no");
}));
Deno.test("has a step that fails", clusterTest(async (_cluster, t) => {
  await t.step("outer", async (t) => void await t.step("inner", () => strictEqual(1, 2)));
}));
Deno.test("has a disposer that fails", clusterTest(async (cluster) => {
  await using _server = {
    [Symbol.asyncDispose]: () => Promise.reject(new Error("the port is in use")),
  };
  await cluster.step("compares", () => strictEqual("mine", "yours"));
}));
Deno.test("cannot begin", clusterTest({ needs: ["partition"] }, () => {}));
`;

Deno.test("the record has names and verdicts, and the console says once why a test failed", async () => {
  await using project = await TestProject.create({ "store_test.ts": PROJECT });
  const { code, output, index } = await project.test();
  strictEqual(code, 1);
  deepStrictEqual(index.tests!.map(({ name, end }) => [name, end?.verdict]), [
    ["passes", "passed"],
    ["fails after a panic", "failed"],
    ["has a step that fails", "failed"],
    ["has a disposer that fails", "failed"],
    ["cannot begin", "failed"],
  ]);
  const [passed, failed, , disposed, unbegun] = index.tests!;
  deepStrictEqual(passed!.end!.errors, []);
  strictEqual(passed!.file, `${project.dir}/store_test.ts`);
  match(failed!.end!.errors[0]!, /^AssertionError: /);
  const lines = (await Deno.readTextFile(`${project.dir}/store_test.ts`)).split("\n");
  const lineOf = (text: string) => lines.findIndex((each) => each.includes(text)) + 1;
  const line = lineOf('t.name, "no"');
  ok(failed!.end!.place!.startsWith(`${project.dir}/store_test.ts:${line}:`), failed!.end!.place);
  const [{ name, stack, source }] = failed!.end!.failures! as [TestFailure];
  strictEqual(name, "AssertionError");
  match(stack!, /^ {4}at .*store_test\.ts:/m);
  strictEqual(source!.line, line);
  match(source!.lines[source!.line - source!.first]!, /t\.name, "no"/);
  strictEqual(failed!.end!.failures!.length, failed!.end!.errors.length);
  strictEqual(passed!.end!.failures, undefined);
  const { errors, failures, place } = disposed!.end!;
  match(errors[0]!, /^AssertionError: .*\n[^]*mine/);
  deepStrictEqual(errors.slice(1), ["Error: the port is in use"]);
  deepStrictEqual(failures!.map(({ name }) => name), ["AssertionError", "Error"]);
  match(failures![0]!.source!.lines.join(), /"mine", "yours"/);
  strictEqual(place!.split(":")[1], `${lineOf('"mine", "yours"')}`);
  match(
    output,
    /^has-a-disposer-that-fails: test "has a disposer that fails" failed: AssertionError/m,
  );
  match(
    output,
    /^error: AggregateError: AssertionError: [^]*?\nAfter that: Error: the port is in use$/m,
  );
  ok(!output.includes("SuppressedError"), output);
  strictEqual(unbegun!.cluster, undefined);
  match(unbegun!.end!.errors[0]!, /^MissingAbilityError: Cannot break the network /);
  const clusters = new Map(index.clusters.map((each) => [each.id, each.folder]));
  const folder = clusters.get(failed!.cluster!)!;
  match(folder, /^fails-after-a-panic-/);
  strictEqual(failed!.end!.artifacts, `${folder}/artifacts`);
  const [run] = [...Deno.readDirSync(`${project.dir}/.clustertest/runs`)]
    .filter(({ isDirectory }) => isDirectory);
  const path = `.clustertest/runs/${run!.name}/${folder}`;
  strictEqual(
    await Deno.readTextFile(`${project.dir}/${path}/artifacts/node1/data/one.log`),
    "what happened",
  );
  const report = output.split("\n").filter((line) => line.startsWith("fails-after-a-panic: test "));
  deepStrictEqual(report, [
    'fails-after-a-panic: test "fails after a panic" failed: AssertionError: ' +
    "Expected values to be strictly equal:",
  ]);
  match(
    output,
    /^ {2}node1: sh -c .* had ended with code 3 after [\d.]+ s\n {4}\| panic: in use$/m,
  );
  ok(output.includes(`\n  record: ${path}\n`), output);
  match(output, /^fails-after-a-panic: no node has files that match the artifacts "none\/\*"$/m);
  match(output, /test "cannot begin" failed: MissingAbilityError/);
  const page = `.clustertest/runs/${run!.name}/report.html`;
  const told = output.split("\n").filter((line) => line.includes("report.html"));
  deepStrictEqual(told, [
    `test "fails after a panic": report: ${page}`,
    `test "has a step that fails": report: ${page}`,
    `test "has a disposer that fails": report: ${page}`,
    `test "cannot begin": report: ${page}`,
  ]);
  const html = await Deno.readTextFile(`${project.dir}/${page}`);
  match(html, /<h2><span class="verdict failed">failed<\/span> fails after a panic/);
  match(html, /<mark>.*strictEqual\(t\.name, &#34;no&#34;\)/);
  match(html, /failed<\/span> cannot begin/);
  ok(!html.includes("SuppressedError"));
});
