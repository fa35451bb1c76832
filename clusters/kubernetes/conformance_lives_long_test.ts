import { testConformance } from "../conformance/mod.ts";
import { kubernetes } from "./backend.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";

const ignore = !await haveCluster();

const requests = { cpus: 0.1 };

// A file of its own, since it waits for pods most of all: files run at the same time.
testConformance(kubernetes({ image: testImages.glibc, requests }), {
  name: "kubernetes",
  groups: ["lives"],
  ignore,
});
