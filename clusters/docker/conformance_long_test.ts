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

testConformance(docker({ image: testImages.musl }), { name: "docker with musl", ignore });

testConformance(docker({ image: testImages.busybox }), { name: "docker with busybox", ignore });

testConformance(docker({ image: testImages.scratch }), {
  name: "docker with an empty image",
  missingPrograms: "all",
  ignore,
});
