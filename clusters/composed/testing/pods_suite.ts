import { type ConformanceOptions, testConformance } from "../../conformance/mod.ts";
import { kubernetes } from "../../kubernetes/mod.ts";
import { testImages } from "../../kubernetes/testing/cluster.ts";
import { local } from "../../local/mod.ts";
import { composed } from "../mod.ts";

/** Groups of the conformance suite of pods that have a file of their own: files run at the same time. */
export const LIFE_GROUPS = ["lives", "losses", "many nodes"];
export const FAULT_GROUPS = ["faults", "faulty nodes", "machine faults", "shapes", "crashes"];
export const CALL_GROUPS = [
  "files",
  "names",
  "open files",
  "transfers",
  "copies",
  "commands",
  "outputs",
  "processes",
  "unnamed signals",
];

/** Has a part of the suite run on pods, which are the first member of a composition. */
export function testPods(
  options: Pick<ConformanceOptions, "groups" | "exceptGroups" | "ignore">,
): void {
  // Without the request, a pod gets what others leave of a busy machine.
  const pods = kubernetes({ image: testImages.glibc, requests: { cpus: 0.1 } });
  testConformance(composed({ pods, here: local() }), {
    name: "composed, kubernetes first",
    ...options,
    sharesCluster: true,
    needs: { pods: ["partition", "shape"] },
  });
}
