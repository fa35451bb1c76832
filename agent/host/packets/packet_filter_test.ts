import { requirement } from "../../../clusters/requirement.ts";
import { checkNamespaces, runInNamespace } from "./testing/namespace.ts";

const ignore = !await requirement("network namespaces", checkNamespaces);

const CASES = new URL("./testing/filter_cases.ts", import.meta.url);

const names = [
  "drops what a peer sends, over both families, until it is disposed of",
  "drops what is sent, and who has sent it sees no error",
  "concerns the packets of a protocol, or of a port of either side, alone",
  "spares a port of its own, for what comes there and what is answered from there",
  "counts for each of many rules",
  "leaves nothing when a rule cannot be",
  "is gone with its process, and leaves what others have made as it is",
];

for (const name of names) {
  Deno.test({
    name: `a filter of packets ${name}`,
    ignore,
    fn: async () => void await runInNamespace(CASES, [name]),
  });
}
