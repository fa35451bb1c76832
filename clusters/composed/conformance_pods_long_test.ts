import { testConformance } from "../conformance/mod.ts";
import { kubernetes } from "../kubernetes/mod.ts";
import { haveCluster, testImages } from "../kubernetes/testing/cluster.ts";
import { local } from "../local/mod.ts";
import { composed } from "./mod.ts";
import { PROVIDER_CASES } from "../conformance/testing/provider_cases.ts";

const pods = kubernetes({ image: testImages.glibc, requests: { cpus: 0.1 } });

testConformance(composed({ pods, here: local() }), {
  name: "composed, kubernetes first",
  cases: PROVIDER_CASES,
  needs: { pods: ["partition"] },
  ignore: !await haveCluster(),
});
