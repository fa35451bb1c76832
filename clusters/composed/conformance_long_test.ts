import { testConformance } from "../conformance/mod.ts";
import { docker } from "../docker/mod.ts";
import { haveEngine, testImages } from "../docker/testing/engine.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { composed } from "./mod.ts";

const box = docker({ image: testImages.musl });

// The whole suite of containers with musl. Other images: `clusters/docker/conformance_long_test.ts`.
testConformance(composed({ box, here: local(), there: loopback() }), {
  name: "composed, docker with musl first",
  sharesCluster: true,
  ignore: !await haveEngine(),
});
