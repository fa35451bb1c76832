import { Cluster } from "../../../clusters/cluster/mod.ts";
import { isWithin } from "../goals.ts";
import { BarePods, type BareRemoval } from "../peers/bare_pods.ts";
import { peer } from "../peers/peer.ts";
import { podsIn } from "../peers/pod_nodes.ts";
import { CLUSTERTEST, type Row } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";
import { milliseconds } from "../timing.ts";

/** What one launch took, and the removal after it. */
interface Life {
  readonly launched: number;
  readonly removed: number;
}

/** Pods that only sleep, and how they are deleted. */
const BARE = "bare pods";
const FORCED = "bare pods, deleted by force";

/** Nodes of a cluster of their own, which are there when each has run a command. */
async function liveAsNodes(surroundings: Surroundings, count: number): Promise<Life> {
  const backend = podsIn(await surroundings.podNamespace());
  const cluster = await Cluster.create(backend, { progress: false });
  let launched = 0;
  const removed = await milliseconds(async () => {
    await using _disposed = cluster;
    launched = await milliseconds(async () => {
      const nodes = await cluster.addNodes(count);
      await Promise.all(nodes.map((node) => node.run("true")));
    });
  });
  return { launched, removed: removed - launched };
}

async function liveBare(
  surroundings: Surroundings,
  { count, ...removal }: { readonly count: number } & BareRemoval,
): Promise<Life> {
  const pods = new BarePods(await surroundings.podNamespace());
  try {
    return { launched: await pods.launch(count), removed: await pods.remove(removal) };
  } catch (error) {
    await pods.remove(removal);
    throw error;
  }
}

function contenders(count: number, counted: keyof Life): Row["contenders"] {
  return async (surroundings) => {
    await surroundings.podNamespace();
    const bare = (name: string, force: boolean) =>
      peer(name, async () => {
        const kubectl = await surroundings.kubectlCli();
        return async () => (await liveBare(surroundings, { count, kubectl, force }))[counted];
      });
    return [
      { name: CLUSTERTEST, sample: async () => (await liveAsNodes(surroundings, count))[counted] },
      await bare(BARE, false),
      ...counted === "removed" ? [await bare(FORCED, true)] : [],
    ];
  };
}

function launchRow(count: number, rounds: number): Row {
  return {
    id: `kubernetes-launch-${count}`,
    title: count === 1 ? "a pod as a node, until its first command" : `${count} pods as nodes`,
    unit: "ms",
    rounds,
    warmUps: count === 1 ? 1 : 0,
    goals: [isWithin(BARE, 1.5)],
    contenders: contenders(count, "launched"),
  };
}

/** Pods as nodes, against pods of as many containers that do nothing. */
export const podLaunchRows: readonly Row[] = [
  launchRow(1, 5),
  launchRow(30, 2),
  {
    id: "kubernetes-dispose-30",
    title: "disposal of 30 pods that are nodes",
    unit: "ms",
    rounds: 2,
    warmUps: 0,
    goals: [isWithin(BARE, 1.2)],
    contenders: contenders(30, "removed"),
  },
];
