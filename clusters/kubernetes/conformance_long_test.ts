import { testConformance } from "../conformance/mod.ts";
import { PROVIDER_CASES } from "../conformance/testing/provider_cases.ts";
import { kubernetes } from "./backend.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";

const ignore = !await haveCluster();

/** Without it, a pod gets what others leave of a busy machine. */
const requests = { cpus: 0.1 };

// The whole suite: `clusters/composed/conformance_pods_*long_test.ts`.
testConformance(kubernetes({ image: testImages.glibc, requests }), {
  name: "kubernetes",
  cases: PROVIDER_CASES,
  needs: ["partition"],
  ignore,
});
