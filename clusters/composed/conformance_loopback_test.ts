import { testConformance } from "../conformance/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { composed } from "./mod.ts";

// The whole suite of `loopback`. A file of its own: files run at the same time.
testConformance(composed({ there: loopback(), here: local() }), {
  name: "composed, loopback first",
  deviations,
});
