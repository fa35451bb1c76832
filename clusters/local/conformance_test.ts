import { testConformance } from "../conformance/mod.ts";
import { deviations } from "../this_host/testing/deviations.ts";
import { local } from "./backend.ts";

testConformance(local(), { deviations });
