import { canBoot } from "../aws/testing/machines/requirement.ts";
import { testConformance } from "../conformance/mod.ts";
import { AGENT_GROUPS } from "../conformance/testing/agent_groups.ts";
import { ec2 } from "../ec2/mod.ts";
import { useLocalAws } from "../ec2/testing/local_aws.ts";
import { local } from "../local/mod.ts";
import { composed } from "./mod.ts";

const ignore = !await canBoot();

if (!ignore) useLocalAws();

// All but what agents do, who are root as in a container. `deno task aws:verify` runs the whole suite on AWS.
testConformance(composed({ machines: ec2(), here: local() }), {
  name: "composed, ec2 first",
  exceptGroups: AGENT_GROUPS,
  sharesCluster: true,
  ignore,
});
