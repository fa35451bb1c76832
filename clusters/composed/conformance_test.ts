import { testConformance } from "../conformance/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { composed } from "./mod.ts";

// A composition has all that its first member has: the whole suite of `local` is run here.
testConformance(composed({ here: local(), there: loopback() }), {
  name: "composed, local first",
  deviations,
});
