/** A rule of a role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * All that the backend does, in one namespace; nothing of it concerns the cluster as a whole. For exec
 * and port-forward, servers want `get`, `create`, or since version 1.35 both.
 */
export const POLICY_RULES: readonly PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["pods"],
    verbs: ["create", "delete", "deletecollection", "get", "list", "watch"],
  },
  { apiGroups: [""], resources: ["pods/exec", "pods/portforward"], verbs: ["create", "get"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
  {
    apiGroups: [""],
    resources: ["secrets"],
    verbs: ["create", "delete", "deletecollection", "get", "list"],
  },
  { apiGroups: [""], resources: ["events"], verbs: ["list"] },
  { apiGroups: [""], resources: ["services"], verbs: ["create", "delete"] },
  // What removes all that is left when everything of ours is dead: a job, and before version 1.21 a schedule.
  {
    apiGroups: ["batch"],
    resources: ["jobs"],
    verbs: ["create", "delete", "get", "list", "patch"],
  },
  { apiGroups: ["batch"], resources: ["cronjobs"], verbs: ["create", "delete", "patch"] },
];
