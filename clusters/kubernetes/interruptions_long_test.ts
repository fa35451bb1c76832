/**
 * What goes on while the way to the API server is broken: connections that are cut, and a server that is
 * away.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { delay } from "../../agent/delay.ts";
import { Cluster } from "../cluster/mod.ts";
import { kubernetes } from "./backend.ts";
import { CallJournal } from "./testing/call_journal.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";
import { TestKubeconfig } from "./testing/test_kubeconfig.ts";

const ignore = !await haveCluster();

/** Milliseconds that the API server is away: longer than any one call waits for an answer. */
const ABSENCE = 20_000;

/** A cluster whose nodes are reached by forwards, all of which pass the journal. */
async function open(stack: AsyncDisposableStack) {
  const namespace = stack.use(await TestNamespace.make());
  const journal = stack.use(await CallJournal.open());
  const access = { server: journal.server, namespace: namespace.name };
  const kubeconfig = stack.use(await TestKubeconfig.write(access));
  const cluster = stack.use(
    await Cluster.create(kubernetes({
      image: testImages.glibc,
      kubeconfig: kubeconfig.path,
      reachedBy: "forward",
    })),
  );
  return { journal, cluster };
}

Deno.test({
  name:
    "what is under way on a node survives forwards that are cut, and an API server that is away",
  ignore,
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const { journal, cluster } = await open(stack);
    const node = await cluster.addNode();
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const content = new Uint8Array(await new Blob(Array(100).fill(bytes)).arrayBuffer());
    let over = false;
    const copying = (async () => {
      await node.writeFile("content", content);
      const back = await node.readFile("content");
      over = true;
      return back;
    })();
    for (let cut = 0; cut < 5 && !over; cut++) {
      journal.cut();
      strictEqual((await node.run("echo", [String(cut)])).stdout, `${cut}\n`);
    }
    deepStrictEqual(await copying, content);

    const counting = node.run("sh", ["-c", "for i in 1 2 3 4 5; do echo $i; sleep 5; done"]);
    const absence = journal.leave();
    const adding = cluster.addNode();
    const [{ stdout }, other] = await Promise.all([
      counting,
      adding,
      delay(ABSENCE).then(() => absence[Symbol.dispose]()),
    ]);
    strictEqual(stdout, "1\n2\n3\n4\n5\n");
    strictEqual((await other.run("hostname")).stdout, "node2\n");
  },
});
