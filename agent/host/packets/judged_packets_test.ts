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

const HARM_CASES = new URL("./testing/harm_cases.ts", import.meta.url);

const harmNames = [
  "sends packets twice, in and out, over both families",
  "turns over a bit that the receiver's checksum shows, and nobody gets the packet",
  "lets packets overtake those that wait",
  "does to copies nothing more, and to what is copied all that other shapes do",
  "watches the probes that pass, in their order",
  "lets what is to be copied or changed go on when it ends",
];

for (const name of harmNames) {
  Deno.test({
    name: `a shape of packets ${name}`,
    ignore,
    fn: async () => void await runInNamespace(HARM_CASES, [name]),
  });
}

for (const name of names) {
  Deno.test({
    name: `a shape of packets ${name}`,
    ignore,
    fn: async () => void await runInNamespace(CASES, [name]),
  });
}
