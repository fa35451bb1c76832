import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { KubernetesNodeOptions, KubernetesOptions } from "./kubernetes_options.ts";
import { mergeOptions, requestedBytes, userNumbers, validateOptions } from "./merge_options.ts";
import { kubernetes } from "./backend.ts";

Deno.test("mergeOptions() lets a node override its backend, and adds to tables", () => {
  const backend: KubernetesNodeOptions = { image: "a", cpus: 1, env: { A: "1", B: "1" } };
  const merged = mergeOptions(backend, { image: "b", cpus: undefined, env: { B: "2" }, name: "n" });
  strictEqual(merged.image, "b");
  strictEqual(merged.cpus, 1);
  deepStrictEqual(merged.env, { A: "1", B: "2" });
  strictEqual(merged.helperImage, "busybox:1.37");
  strictEqual("name" in merged, false);
});

Deno.test("mergeOptions() says how to name an image when there is none", () => {
  throws(() => mergeOptions({}), /kubernetes\(\{ image \}\) or set CLUSTERTEST_KUBERNETES_IMAGE/);
});

Deno.test("kubernetes() refuses options with the stack of who has called it", () => {
  for (const options of [{ namespce: "tests" }, { image: 5 }, { maxLife: -1 }, { cpus: 0 }, 5]) {
    throws(() => kubernetes(options as KubernetesOptions), ({ message, stack }: Error) => {
      strictEqual(message.startsWith("Cannot "), true, message);
      strictEqual(stack!.split("\n    at ")[1]!.includes("merge_options_test.ts"), true, stack);
      return true;
    });
  }
});

const refused: [KubernetesNodeOptions, RegExp][] = [
  [{ cpus: 0 }, /Cannot use 0 as cpus/],
  [{ cpus: NaN }, /as cpus/],
  [{ memory: "1m" }, /96m is the least/],
  [{ memory: "lots" as "1m" }, /Cannot use "lots" as memory/],
  [{ requests: { cpus: -1 } }, /Cannot use -1 as cpus of requests/],
  [{ requests: { memory: 0 } }, /Cannot use 0 as memory of requests/],
  [{ requests: { disk: 1 } as never }, /Cannot use requests/],
  [{ user: "postgres" }, /Cannot use "postgres" as user: it has to be numbers/],
  [{ user: "1000:" }, /Cannot use "1000:" as user/],
  [{ volumes: { data: { emptyDir: {} } } }, /Cannot use "data" as path of a volume/],
  [{ volumes: { "/data": "disk" as never } }, /Cannot use the volume "\/data"/],
  [{ labels: { "clustertest.run": "x" } }, /Cannot use "clustertest.run" as label/],
  [{ tolerations: [{ key: 1 as never }] }, /Cannot use a toleration/],
  [{ scheduleTimeout: 0 }, /Cannot use 0 as scheduleTimeout/],
  [{ startTimeout: -1 }, /Cannot use -1 as startTimeout/],
];

for (const [options, message] of refused) {
  Deno.test(`validateOptions() refuses ${Deno.inspect(options)}`, () => {
    throws(() => validateOptions(options), message);
  });
}

const refusedOfBackend: [KubernetesOptions, RegExp][] = [
  [{ nameSpace: "x" } as never, /"nameSpace"/],
  [{ namespace: 1 as never }, /namespace/],
  [{ pull: "sometimes" as never }, /pull/],
  [{ platform: "windows/amd64" as never }, /platform/],
  [{ reachedBy: "magic" as never }, /reachedBy/],
  [{ maxLife: 0 }, /Cannot use 0 as maxLife/],
];

for (const [options, message] of refusedOfBackend) {
  Deno.test(`kubernetes() refuses ${Deno.inspect(options)}`, () => {
    throws(() => kubernetes(options), message);
  });
}

Deno.test("kubernetes() says where its cluster is, for a sweep, and nothing else", () => {
  const access = { kubeconfig: "/k", context: "c", namespace: "n" };
  const { recipe } = kubernetes({ ...access, image: "x", env: { SECRET: "s" } });
  deepStrictEqual(recipe.options, access);
});

Deno.test("kubernetes() has a sweep find its kubeconfig from every folder", () => {
  const { recipe } = kubernetes({ kubeconfig: "one:/two", image: "x" });
  const { kubeconfig } = recipe.options as { kubeconfig: string };
  strictEqual(kubeconfig, `${Deno.cwd()}/one:/two`);
});

Deno.test("requestedBytes() takes units of 1024", () => {
  deepStrictEqual(
    [requestedBytes(5), requestedBytes("2k"), requestedBytes("1.5m"), requestedBytes("1g")],
    [5, 2048, 1536 * 1024, 1024 ** 3],
  );
});

Deno.test("userNumbers() takes a user, and a user with a group", () => {
  deepStrictEqual(userNumbers("1000"), { uid: 1000 });
  deepStrictEqual(userNumbers("1000:50"), { uid: 1000, gid: 50 });
});
