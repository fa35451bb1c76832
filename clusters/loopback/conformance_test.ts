import { testConformance } from "../conformance/mod.ts";
import { PROVIDER_CASES } from "../conformance/testing/provider_cases.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { loopback } from "./backend.ts";

// The others: `clusters/composed/conformance_loopback_test.ts`.
testConformance(loopback(), { cases: PROVIDER_CASES, deviations });
