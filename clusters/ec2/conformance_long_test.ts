import { testConformance } from "../conformance/mod.ts";
import { ec2 } from "./backend.ts";
import { canBoot } from "../aws/testing/machines/requirement.ts";
import { useLocalAws } from "./testing/local_aws.ts";

const ignore = !await canBoot();

if (!ignore) useLocalAws();

testConformance(ec2(), { ignore });
