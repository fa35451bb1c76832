import { testConformance } from "../conformance/mod.ts";
import { AGENT_GROUPS } from "../conformance/testing/agent_groups.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { composed } from "./mod.ts";

// A file of its own: files run at the same time. What agents do as processes of this host is tried by
// `examples/backend/own_backend_long_test.ts`.
testConformance(composed({ there: loopback(), here: local() }), {
  name: "composed, loopback first",
  exceptGroups: AGENT_GROUPS,
  deviations,
});
