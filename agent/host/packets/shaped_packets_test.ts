import { requirement } from "../../../clusters/requirement.ts";
import { checkNamespaces, runInNamespace } from "./testing/namespace.ts";

const ignore = !await requirement("network namespaces", checkNamespaces);

const CASES = new URL("./testing/shape_cases.ts", import.meta.url);

const names = [
  "delays what a peer sends, over both families, until it is disposed of",
  "delays what is sent",
  "adds up: delays add, and losses multiply",
  "spreads delays by the jitter",
  "loses what it loses by its seed alone",
  "lets pass so many bits",
  "drops what would wait too long for the bandwidth",
  "lets what waits go on when it ends",
  "loses nothing when another fault ends",
  "concerns other packets as well when it is told to",
  "leaves nothing when it cannot be",
  "is gone with its process, and then packets pass",
];

for (const name of names) {
  Deno.test({
    name: `a shape of packets ${name}`,
    ignore,
    fn: async () => void await runInNamespace(CASES, [name]),
  });
}
