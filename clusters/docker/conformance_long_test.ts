import { testConformance } from "../conformance/mod.ts";
import { IMAGE_CASES, ROOT_CASES } from "../conformance/testing/image_cases.ts";
import { docker } from "./backend.ts";
import { haveEngine, testImages } from "./testing/engine.ts";
import { OWN_GROUPS } from "./testing/own_groups.ts";

const ignore = !await haveEngine();

// The other groups are run with this image each time, on a cluster each.
testConformance(docker({ image: testImages.glibc }), {
  name: "docker with glibc",
  exceptGroups: OWN_GROUPS,
  sharesCluster: true,
  ignore,
});

// The whole suite on musl: `clusters/composed/conformance_long_test.ts`. Other images are tried with what an
// image makes a difference for.
testConformance(docker({ image: testImages.busybox }), {
  name: "docker with busybox",
  cases: [...IMAGE_CASES, ...ROOT_CASES],
  ignore,
});

testConformance(docker({ image: testImages.scratch }), {
  name: "docker with an empty image",
  cases: IMAGE_CASES,
  missingPrograms: "all",
  ignore,
});

// What ends a node, starts it again, and makes its faults takes no program of the image.
testConformance(docker({ image: testImages.scratch }), {
  name: "docker with an empty image",
  groups: ["lives", "losses", "crashes", "faults"],
  missingPrograms: "all",
  sharesCluster: true,
  ignore,
});
