import { haveCluster } from "../kubernetes/testing/cluster.ts";
import { LIFE_GROUPS, testPods } from "./testing/pods_suite.ts";

testPods({ groups: LIFE_GROUPS, ignore: !await haveCluster() });
