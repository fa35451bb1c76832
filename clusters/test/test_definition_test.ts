import { doesNotThrow, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { test as nodeTest } from "node:test";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "../docker/mod.ts";
import { local } from "../local/mod.ts";
import { clusterTest } from "./test_definition.ts";

const body = () => {};

Deno.test("clusterTest() makes a function of one parameter, with the name of its body", () => {
  function greets(): void {}
  for (const test of [clusterTest(greets), clusterTest({}, greets)]) {
    strictEqual(test.length, 1);
    strictEqual(test.name, "greets");
  }
});

const wrong: readonly (readonly [options: object, message: RegExp])[] = [
  [{ timeOut: 1 }, /^Cannot call cluster.test: there is no option "timeOut"; .* "timeout"\?$/],
  [{ timeout: "5s" }, /timeout must be a number of milliseconds, not "5s"$/],
  [{ timeout: 0 }, /^timeout must be above 0 milliseconds, not 0$/],
  [{ timeout: NaN }, /not NaN$/],
  [{ artifacts: "*.log" }, /artifacts must be a list, or an object, not "\*\.log"$/],
  [{ artifacts: [""] }, /a pattern is a path such as "data\/\*\.log", not ""$/],
  [{ artifacts: [7] }, /not 7$/],
  [{ artifacts: ["a/../../b"] }, /"a\/\.\.\/\.\.\/b" leaves the node's rootDir/],
  [{ artifacts: { failed: ["[a"] } }, /"\[a" has a "\[" or "\{" without its end/],
  [{ artifacts: { allways: [] } }, /"allways"; did you mean "always"\?$/],
  [{ artifacts: { size: 0.5 } }, /artifacts\.size must be a whole number of bytes above 0/],
  [{ artifacts: { timeout: Infinity } }, /artifacts\.timeout must be above 0 and at most \d+/],
  [{ backend: 5 }, /what it is created on is no backend, such as local\(\)/],
  [{ name: "a b" }, /^Cannot name a cluster "a b"/],
  [{ needs: "kill" }, /"needs" is a list of abilities/],
  [{ needs: ["kil"] }, /there is no ability "kil"; did you mean "kill"\?$/],
  [{ needs: { box: ["kil"] } }, /there is no ability "kil"/],
  [{ heartbeat: { timeout: 1 } }, /^heartbeat\.timeout must be at least twice/],
  [{ recordedOutput: { sise: 1 } }, /there is no option "sise"; did you mean "size"\?$/],
  [{ recordedOutput: { rate: 0.5 } }, /^recordedOutput\.rate must be a whole number of bytes/],
  [{ cluster: Promise.resolve() }, /cluster must be a Cluster, not a promise of one: await it$/],
  [{ cluster: undefined }, /cluster is undefined, .* clusterTest\(\{ cluster \}, body\)\(t\)$/],
  [{ cluster: {} }, /cluster must be a Cluster, not \{\}$/],
  [{ cluster: "mine" }, /cluster must be a Cluster, not "mine"$/],
];

for (const [options, message] of wrong) {
  Deno.test(`clusterTest() refuses ${Deno.inspect(options)} when the test is defined`, () => {
    throws(() => clusterTest(options, body), { message });
  });
}

Deno.test("clusterTest() says at which line of the test its options are wrong", () => {
  for (const options of [{ timeOut: 1 }, { timeout: 0 }, { cluster: undefined }]) {
    const error = thrownBy(function author() {
      clusterTest(options, body);
    });
    match(error.stack!, /^\w+: .*\n {4}at author /);
    strictEqual(error.cause, undefined);
  }
});

function thrownBy(work: () => void): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("clusterTest() refuses what is no body, and says that options come first", () => {
  const define = clusterTest as unknown as (...args: unknown[]) => unknown;
  for (const args of [[], [{}], [{}, {}], [body, {}]]) {
    throws(() => define(...args), {
      name: "TypeError",
      message: /^Cannot define a test: .*(function|options)/,
    });
  }
});

Deno.test("clusterTest() refuses options that make a cluster beside one that is there", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  for (const option of [{ backend: local() }, { name: "mine" }, { needs: [] }]) {
    const [name] = Object.keys(option);
    throws(() => clusterTest({ cluster, ...option }, body), {
      name: "TypeError",
      message:
        `Cannot define a test: "${name}" says how to make a cluster, and "cluster" is there ` +
        "already; give it to Cluster.create()",
    });
  }
  doesNotThrow(() => clusterTest({ cluster, timeout: 5, artifacts: ["a"], name: undefined }, body));
});

Deno.test("the errors of a cluster that cannot be made have the line of the test's definition", async () => {
  const test = clusterTest({ needs: ["partition"], progress: false }, body);
  await rejects(test({ name: "flies" } as Deno.TestContext), (error: Error) => {
    ok(/^MissingAbilityError: .*\n +at .*\/test_definition_test\.ts:/.test(error.stack!));
    return true;
  });
});

/** Never called: what the compiler says of it is the test. */
export function typed(): void {
  Deno.test("a", clusterTest(async (_cluster, t) => void await t.step("step", () => {})));
  Deno.test({ name: "b", fn: clusterTest({ timeout: 1 }, (_, t) => t.step("step", () => {})) });
  nodeTest("c", clusterTest((_cluster, t) => t.diagnostic("text")));
  const backend = docker({ image: "a" });
  Deno.test("d", clusterTest({ backend }, (cluster) => cluster.addNodes(2, { image: "b" })));
  // @ts-expect-error -- nodes of containers have no such option
  Deno.test("e", clusterTest({ backend }, (cluster) => cluster.addNodes(2, { imag: "b" })));
}

for (const variable of ["CLUSTERTEST_PROGRESS", "CLUSTERTEST_KEEP"]) {
  Deno.test(`a wrong value of ${variable} is refused at the line of the test's definition`, async () => {
    const before = Deno.env.get(variable);
    Deno.env.set(variable, "bogus");
    try {
      const test = clusterTest(body);
      const error = await Promise.try(test, { name: "it" } as Deno.TestContext).then(
        () => undefined,
        (error) => error,
      );
      match(
        error?.stack,
        /^RangeError: \w+ must be .*, not "bogus"\n +at .*test_definition_test\.ts:/,
      );
      ok(error.message.startsWith(variable));
    } finally {
      if (before === undefined) Deno.env.delete(variable);
      else Deno.env.set(variable, before);
    }
  });
}
