import { testConformance } from "../conformance.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { local } from "./backend.ts";

testConformance(local(), { deviations });
