/**
 * That the examples run unchanged on pods, with nothing but the environment to tell them where; by two
 * runners at the same time, in one namespace.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";
import { TestKubeconfig } from "./testing/test_kubeconfig.ts";

const ignore = !await haveCluster();

const folder = new URL("../../examples/", import.meta.url);
const examples = [...Deno.readDirSync(folder)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith("_test.ts"))
  .sort();

/** Its nodes are in no cluster of Kubernetes, whatever the environment says. */
const OF_TWO_BACKENDS = "etcd_two_backends_test.ts";

Deno.test({
  name: "the examples run on pods, for two runners at the same time, and leave nothing",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await askForProcessors(namespace);
    await using kubeconfig = await TestKubeconfig.write({ namespace: namespace.name });
    const shares = [0, 1].map((share) => examples.filter((_, i) => i % 2 === share));
    await Promise.all(shares.map((share) => run(share, kubeconfig)));
    deepStrictEqual(await namespace.leftOvers(), []);
  },
});

/** Gives each container a part of a processor: one that asks for none gets what others leave. */
async function askForProcessors({ api }: TestNamespace): Promise<void> {
  const spec = { limits: [{ type: "Container", defaultRequest: { cpu: "50m" } }] };
  const { signal } = new AbortController();
  await api.create("limitranges", { metadata: { name: "requests" }, spec }, { signal });
}

/** These examples have to pass, and none to be left out but one. */
async function run(share: readonly string[], kubeconfig: TestKubeconfig): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...share.map((name) => `examples/${name}`)],
    cwd: new URL("../..", import.meta.url),
    env: {
      CLUSTERTEST_BACKEND: "kubernetes",
      CLUSTERTEST_KUBERNETES_IMAGE: testImages.ami,
      // What an example would need that has nodes of Docker besides.
      CLUSTERTEST_DOCKER_IMAGE: "",
      KUBECONFIG: kubeconfig.path,
      NO_COLOR: "1",
    },
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  strictEqual(code, 0, said);
  const [, passed, ignored = 0] =
    said.match(/^ok \| (\d+) passed .*\| 0 failed(?: \| (\d+) ignored)?/m) ?? [];
  const leftOut = share.filter((name) => name === OF_TWO_BACKENDS).length;
  deepStrictEqual([Number(passed), Number(ignored)], [share.length - leftOut, leftOut], said);
}
