import { requirement } from "../../requirement.ts";
import { KubeApi } from "../api/mod.ts";

/** The images that tests run on, as `.ci/docker images` makes them. */
export const testImages = {
  glibc: "clustertest-test/glibc",
  musl: "clustertest-test/musl",
  busybox: "clustertest-test/busybox",
  /** With one file, for a kubelet takes no image that is empty. */
  hollow: "clustertest-test/hollow",
  /** With the programs that the examples start. */
  ami: "clustertest-test/ami",
} as const;

/** The image of helpers, where the environment names none. */
const HELPER = "CLUSTERTEST_KUBERNETES_HELPER_IMAGE";

/**
 * Whether the tests that need a Kubernetes cluster can run. If not, that is said in one line, or is an
 * error where `CLUSTERTEST_REQUIRE` names `kubernetes`.
 */
export async function haveCluster(): Promise<boolean> {
  return await requirement("kubernetes", checkCluster) ?? false;
}

/** Rejects with the reason why there is no cluster that is meant for tests. */
export async function checkCluster(): Promise<true> {
  if (!Deno.env.get(HELPER)) Deno.env.set(HELPER, testImages.busybox);
  // What `kubectl` would find by itself may be a cluster that is meant for something else.
  if (!Deno.env.get("KUBECONFIG")) {
    throw new Error('KUBECONFIG names no cluster; ".ci/kubernetes up"');
  }
  const { signal } = new AbortController();
  using _api = await KubeApi.open({}, { signal });
  return true;
}
