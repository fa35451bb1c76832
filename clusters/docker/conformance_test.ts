import { testConformance } from "../conformance/mod.ts";
import { docker } from "./backend.ts";
import { haveEngine, testImages } from "./testing/engine.ts";
import { OWN_GROUPS } from "./testing/own_groups.ts";

const ignore = !await haveEngine();

testConformance(docker({ image: testImages.glibc }), {
  name: "docker",
  groups: OWN_GROUPS,
  ignore,
});
