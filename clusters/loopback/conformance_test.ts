import { testConformance } from "../conformance/mod.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { loopback } from "./backend.ts";

testConformance(loopback(), { deviations });
