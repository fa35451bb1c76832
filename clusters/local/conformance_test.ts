import { testConformance } from "../conformance/mod.ts";
import { PROVIDER_CASES } from "../conformance/testing/provider_cases.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { local } from "./backend.ts";

// The whole suite: `clusters/composed/conformance_test.ts`.
testConformance(local(), { cases: PROVIDER_CASES, deviations });
