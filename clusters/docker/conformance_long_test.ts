import { testConformance } from "../conformance/mod.ts";
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

// Faults are made by a container of its own, whatever the node's image is: they are tested on the usual
// image, which has programs to look with, on musl, and on the empty one. The whole suite on musl:
// `clusters/composed/conformance_long_test.ts`.
testConformance(docker({ image: testImages.busybox }), {
  name: "docker with busybox",
  exceptGroups: ["faults"],
  sharesCluster: true,
  ignore,
});

testConformance(docker({ image: testImages.scratch }), {
  name: "docker with an empty image",
  missingPrograms: "all",
  sharesCluster: true,
  ignore,
});
