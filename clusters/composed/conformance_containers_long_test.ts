import { testConformance } from "../conformance/mod.ts";
import { docker } from "../docker/mod.ts";
import { haveEngine, testImages } from "../docker/testing/engine.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { composed } from "./mod.ts";

const box = docker({ image: testImages.glibc });

// The whole suite of containers. Other images: `clusters/docker/conformance_images_long_test.ts`.
testConformance(composed({ box, here: local(), there: loopback() }), {
  name: "composed, docker first",
  sharesCluster: true,
  ignore: !await haveEngine(),
});
