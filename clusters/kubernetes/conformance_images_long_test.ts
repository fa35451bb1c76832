/**
 * What nodes do, on pods of images of all kinds. The whole suite runs on glibc, in
 * `clusters/composed/conformance_pods_*long_test.ts`.
 *
 * @module
 */
import { testOnImages } from "../conformance/testing/image_cases.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesOptions } from "./kubernetes_options.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { restricted } from "./testing/restricted.ts";

/** Without the request, a pod gets what others leave of a busy machine. */
const pods = (options: KubernetesOptions) => kubernetes({ ...options, requests: { cpus: 0.1 } });

testOnImages({
  "musl": { backend: pods({ image: testImages.musl }), isRoot: true },
  "busybox": { backend: pods({ image: testImages.busybox }), isRoot: true },
  "an image without programs": {
    backend: pods({ image: testImages.hollow }),
    isRoot: false,
    missingPrograms: "all",
  },
  "no root, and a root that is read-only": {
    backend: pods({ image: testImages.glibc, ...restricted }),
    isRoot: false,
  },
}, { ignore: !await haveCluster() });
