import { CallJournal } from "../../../clusters/kubernetes/testing/call_journal.ts";
import { checkCluster } from "../../../clusters/kubernetes/testing/cluster.ts";
import { TestNamespace } from "../../../clusters/kubernetes/testing/namespace.ts";
import { TestKubeconfig } from "../../../clusters/kubernetes/testing/test_kubeconfig.ts";
import { TextLineStream } from "../peers/text_line_stream.ts";
import { runProgram } from "../program.ts";
import type { PodsPoint } from "./pods_point.ts";

/** Sizes of clusters that are looked at. */
const SIZES = [10, 100, 1000];

/**
 * What clusters of 10 to 1,000 pods take of a runner that is a process of its own, on a real API server,
 * with a program that stands in for machines. Rejects where there is no cluster for tests.
 */
export async function measurePods(): Promise<PodsPoint[]> {
  await checkCluster();
  const points: PodsPoint[] = [];
  for (const nodes of SIZES) points.push(await measure(nodes));
  return points;
}

async function measure(nodes: number): Promise<PodsPoint> {
  await using stack = new AsyncDisposableStack();
  const { name: namespace } = stack.use(await TestNamespace.make());
  const own = stack.use(await TestKubeconfig.write({ namespace }));
  await startStandIn(stack, own.path);
  const journal = stack.use(await CallJournal.open());
  const counted = stack.use(await TestKubeconfig.write({ namespace, server: journal.server }));
  const program = new URL("./runner_main.ts", import.meta.url).pathname;
  const args = ["run", "--allow-all", "--no-check", program, `${nodes}`, counted.path];
  const point = JSON.parse(await runProgram(Deno.execPath(), args)) as Omit<PodsPoint, "calls">;
  const calls = [...journal.counts].filter(([call]) => !call.startsWith("watch "))
    .reduce((sum, [, count]) => sum + count, 0);
  return { ...point, calls };
}

async function startStandIn(stack: AsyncDisposableStack, kubeconfig: string): Promise<void> {
  const program = new URL("./stand_in_main.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", program, kubeconfig],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  stack.defer(async () => {
    await child.stdin.close();
    await child.status;
  });
  const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
  const { done } = await lines.read();
  await lines.cancel();
  if (done) throw new Error("The program that stands in for machines did not start");
}
