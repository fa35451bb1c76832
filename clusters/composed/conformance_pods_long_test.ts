import { haveCluster } from "../kubernetes/testing/cluster.ts";
import { CALL_GROUPS, FAULT_GROUPS, LIFE_GROUPS, testPods } from "./testing/pods_suite.ts";

// All that has no file of its own.
testPods({
  exceptGroups: [...CALL_GROUPS, ...FAULT_GROUPS, ...LIFE_GROUPS],
  ignore: !await haveCluster(),
});
