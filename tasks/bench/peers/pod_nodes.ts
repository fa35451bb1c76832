import { kubernetes } from "../../../clusters/kubernetes/backend.ts";
import { checkCluster, testImages } from "../../../clusters/kubernetes/testing/cluster.ts";
import { TestNamespace } from "../../../clusters/kubernetes/testing/namespace.ts";
import type { Backend, NodeOptions } from "../../../clusters/kit/mod.ts";
import type { Cluster } from "../../../clusters/cluster/mod.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { NODE_CONTAINER } from "../../../clusters/kubernetes/pod_places.ts";
import type { PodPlace } from "./kubectl_cli.ts";

/** Nodes that are pods, one for each way to them, and where `kubectl` finds one. */
export interface PodNodes {
  /** Reached through port-forwards of the API server, as from outside of a cluster. */
  readonly forwarded: Node;
  /** Reached at its address, where that answers. */
  readonly direct: Node;
  /** The container of the first. */
  readonly place: PodPlace;
}

/** A namespace for pods; rejects with the reason where there is no cluster for tests. */
export async function openPodNamespace(): Promise<TestNamespace> {
  await checkCluster();
  return await TestNamespace.make();
}

/** A backend whose nodes are pods there. */
export function podsIn(
  { name: namespace }: TestNamespace,
  reachedBy?: "forward" | "address",
): Backend<NodeOptions> {
  return kubernetes({ image: testImages.busybox, namespace, reachedBy }) as Backend<NodeOptions>;
}

/** Launches them. */
export async function launchPodNodes(
  namespace: TestNamespace,
  makeCluster: (backend: Backend<NodeOptions>) => Promise<Cluster>,
): Promise<PodNodes> {
  const [forwarded, direct] = await Promise.all(
    (["forward", undefined] as const).map(async (way) =>
      await (await makeCluster(podsIn(namespace, way))).addNode()
    ),
  );
  const place = { namespace: namespace.name, pod: forwarded!.id, container: NODE_CONTAINER };
  return { forwarded: forwarded!, direct: direct!, place };
}
