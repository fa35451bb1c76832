import { haveEngine, testImages } from "../docker/testing/engine.ts";
import { shareCluster } from "./testing/shared_cluster.ts";

Deno.test("tests of a file share a cluster whose nodes have agents", async () => {
  await shareCluster({ CLUSTERTEST_BACKEND: "loopback" });
});

Deno.test({
  name: "tests of a file share a cluster of containers",
  ignore: !await haveEngine(),
  fn: async () => {
    const CLUSTERTEST_DOCKER_IMAGE = testImages.glibc;
    await shareCluster({ CLUSTERTEST_BACKEND: "docker", CLUSTERTEST_DOCKER_IMAGE });
  },
});
