import { haveCluster } from "../kubernetes/testing/cluster.ts";
import { CALL_GROUPS, testPods } from "./testing/pods_suite.ts";

testPods({ groups: CALL_GROUPS, ignore: !await haveCluster() });
