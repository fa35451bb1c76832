import { testConformance } from "../conformance.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { loopback } from "./backend.ts";

testConformance(loopback(), { deviations });
