import { testConformance } from "../conformance.ts";
import { local } from "./backend.ts";

testConformance(local());
