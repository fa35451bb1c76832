/**
 * What nodes do, on pods of images of all kinds. The whole suite runs on glibc, in
 * `clusters/composed/conformance_pods_*long_test.ts`.
 *
 * @module
 */
import { type ConformanceOptions, testConformance } from "../conformance/mod.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesOptions } from "./kubernetes_options.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { IMAGE_CASES, ROOT_CASES } from "./testing/image_cases.ts";
import { restricted } from "./testing/restricted.ts";

const ignore = !await haveCluster();

/** Without it, a pod gets what others leave of a busy machine. */
const requests = { cpus: 0.1 };

const asRoot = [...IMAGE_CASES, ...ROOT_CASES];

interface Suite extends Pick<ConformanceOptions, "cases" | "missingPrograms"> {
  readonly image: string;
  readonly options: KubernetesOptions;
}

const suites: readonly Suite[] = [
  { image: "musl", options: { image: testImages.musl }, cases: asRoot },
  { image: "busybox", options: { image: testImages.busybox }, cases: asRoot },
  {
    image: "an image without programs",
    options: { image: testImages.hollow },
    cases: IMAGE_CASES,
    missingPrograms: "all",
  },
  {
    image: "no root, and a root that is read-only",
    options: { image: testImages.glibc, ...restricted },
    cases: IMAGE_CASES,
  },
];

for (const { image, options, ...suite } of suites) {
  const name = `kubernetes with ${image}`;
  testConformance(kubernetes({ ...options, requests }), { ...suite, name, ignore });
}
