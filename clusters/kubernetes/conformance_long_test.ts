import { testConformance } from "../conformance/mod.ts";
import { kubernetes } from "./backend.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";

const ignore = !await haveCluster();

/** Without it, a pod gets what others leave of a busy machine. */
const requests = { cpus: 0.1 };

// What is the backend's own, besides lives, which have a file. The rest is the agent's, as on loopback: it
// would take minutes here.
testConformance(kubernetes({ image: testImages.glibc, requests }), {
  name: "kubernetes",
  groups: [
    "connections",
    "losses",
    "crashes",
    "many nodes",
    "abilities",
  ],
  ignore,
});
