import { testConformance } from "../conformance/mod.ts";
import { PROVIDER_CASES } from "../conformance/testing/provider_cases.ts";
import { ec2 } from "./backend.ts";
import { canBoot } from "../aws/testing/machines/requirement.ts";
import { useLocalAws } from "./testing/local_aws.ts";

const ignore = !await canBoot();

if (!ignore) useLocalAws();

// The others: `clusters/composed/conformance_instances_long_test.ts`.
testConformance(ec2(), { cases: PROVIDER_CASES, ignore });
