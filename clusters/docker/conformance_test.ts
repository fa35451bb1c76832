import { testConformance } from "../conformance/mod.ts";
import { PROVIDER_CASES } from "../conformance/testing/provider_cases.ts";
import { docker } from "./backend.ts";
import { haveEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

// The whole suite: `clusters/composed/conformance_containers_long_test.ts`.
testConformance(docker({ image: testImages.glibc }), { cases: PROVIDER_CASES, ignore });
