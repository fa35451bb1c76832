import { testConformance } from "../conformance.ts";
import { loopback } from "./backend.ts";

testConformance(loopback());
