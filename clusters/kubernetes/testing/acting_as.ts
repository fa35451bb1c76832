import { findCluster } from "../api/find_cluster.ts";

/** How the cluster is changed for somebody else. */
interface ActingOptions {
  /** URL of what leads to the API server. @default the server itself */
  readonly server?: string | undefined;
}

/** A kubeconfig for the cluster of the tests, with which one has no more rights than another user. */
export async function actingAs(user: string, { server }: ActingOptions = {}): Promise<string> {
  const found = await findCluster({});
  const cluster = { ...found.cluster.cluster as object, ...server !== undefined && { server } };
  return JSON.stringify({
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { ...found.user.user as object, as: user } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}
