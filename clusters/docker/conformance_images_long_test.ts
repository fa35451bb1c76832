/**
 * What nodes do, in containers of images of all kinds. The whole suite runs on glibc, in
 * `clusters/composed/conformance_containers_long_test.ts`.
 *
 * @module
 */
import { testConformance } from "../conformance/mod.ts";
import { testOnImages } from "../conformance/testing/image_cases.ts";
import { docker } from "./backend.ts";
import { haveEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

const empty = docker({ image: testImages.scratch });
const restricted = { user: "65534:65534", readOnlyRoot: true, capabilities: { drop: ["ALL"] } };

testOnImages({
  "musl": { backend: docker({ image: testImages.musl }), isRoot: true },
  "busybox": { backend: docker({ image: testImages.busybox }), isRoot: true },
  "an empty image": { backend: empty, isRoot: false, missingPrograms: "all" },
  "no root, and a root that is read-only": {
    backend: docker({ image: testImages.glibc, ...restricted }),
    isRoot: false,
  },
}, { ignore });

// What makes them is a container of its own, whatever is in the node's image.
testConformance(empty, {
  name: "docker with an empty image, and faults",
  cases: [
    "partition() keeps groups of nodes apart until it is healed, and proves both",
    "a fault outlives the restart of a node, and is healed when one of its nodes is gone",
    "shape() delays packets one way until it is healed, and proves what was asked",
    "a shape outlives the restart of a node, and is an event",
  ],
  missingPrograms: "all",
  ignore,
});
