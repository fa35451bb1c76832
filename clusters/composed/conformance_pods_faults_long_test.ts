import { haveCluster } from "../kubernetes/testing/cluster.ts";
import { FAULT_GROUPS, testPods } from "./testing/pods_suite.ts";

testPods({ groups: FAULT_GROUPS, ignore: !await haveCluster() });
