import { testConformance } from "../conformance/mod.ts";
import { docker } from "../docker/mod.ts";
import { haveEngine, testImages } from "../docker/testing/engine.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { composed } from "./mod.ts";
import { OWN_CASES } from "./testing/own_cases.ts";

const box = docker({ image: testImages.glibc });

// What is between a cluster and its members; what their nodes do is tested with each of them alone.
testConformance(composed({ here: local(), there: loopback() }), {
  name: "composed, local first",
  groups: ["files", "commands", "connections", "lives", "crashes", "abilities", "records"],
  deviations,
});

testConformance(composed({ box, here: local(), there: loopback() }), {
  name: "composed, docker first",
  groups: ["lives", "losses", "abilities"],
  ignore: !await haveEngine(),
});

testConformance(composed({ box, here: local(), there: loopback() }), {
  name: "composed, docker first",
  cases: OWN_CASES,
  ignore: !await haveEngine(),
});
