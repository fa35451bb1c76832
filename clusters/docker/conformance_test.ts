import { testConformance } from "../conformance/mod.ts";
import { docker } from "./backend.ts";
import { haveEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

// What is the backend's own. The rest is the agent's, as on loopback: it takes minutes here, and is
// among what `deno task test:long` runs.
testConformance(docker({ image: testImages.glibc }), {
  name: "docker",
  groups: [
    "connections",
    "lives",
    "losses",
    "crashes",
    "many nodes",
    "reverse forwards",
    "abilities",
    "faults",
    "records",
  ],
  ignore,
});
