import { testConformance } from "../conformance/mod.ts";
import { docker } from "./backend.ts";
import { haveEngine, testImages } from "./testing/engine.ts";
import { OWN_GROUPS } from "./testing/own_groups.ts";

const ignore = !await haveEngine();

// The other groups are run with this image each time.
testConformance(docker({ image: testImages.glibc }), {
  name: "docker with glibc",
  exceptGroups: OWN_GROUPS,
  ignore,
});

// Faults are made by a container of its own, whatever the node's image is: they are tested on the usual
// image, which has programs to look with, and on the empty one.
for (const image of ["musl", "busybox"] as const) {
  testConformance(docker({ image: testImages[image] }), {
    name: `docker with ${image}`,
    exceptGroups: ["faults"],
    ignore,
  });
}

testConformance(docker({ image: testImages.scratch }), {
  name: "docker with an empty image",
  missingPrograms: "all",
  ignore,
});
