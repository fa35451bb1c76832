import { canBoot } from "../aws/testing/machines/requirement.ts";
import { testConformance } from "../conformance/mod.ts";
import { ec2 } from "../ec2/mod.ts";
import { useLocalAws } from "../ec2/testing/local_aws.ts";
import { local } from "../local/mod.ts";
import { composed } from "./mod.ts";

const ignore = !await canBoot();

if (!ignore) useLocalAws();

// The whole suite of instances.
testConformance(composed({ machines: ec2(), here: local() }), {
  name: "composed, ec2 first",
  sharesCluster: true,
  ignore,
});
