import { testConformance } from "../conformance/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { composed } from "./mod.ts";

// What is between a cluster and its members. The rest is that of the members: `deno task test:long` has it.
testConformance(composed({ there: loopback(), here: local() }), {
  name: "composed, loopback first",
  groups: ["options", "losses", "errors"],
  deviations,
});
