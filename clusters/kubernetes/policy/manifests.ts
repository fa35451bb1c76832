import { POLICY_RULES } from "./rules.ts";

/** Who is to run tests. */
export interface PolicySubject {
  readonly kind: "User" | "Group" | "ServiceAccount";
  readonly name: string;
}

/** Where, and to whom, a role is given. */
export interface PolicyOptions {
  /** The namespace in which tests run. */
  readonly namespace: string;
  /** Of the role and of its binding. */
  readonly name: string;
  readonly subject: PolicySubject;
}

const GROUP = "rbac.authorization.k8s.io";

/** The role that running tests needs, and what gives it to somebody. */
export function policyManifests({ namespace, name, subject }: PolicyOptions): readonly object[] {
  const metadata = { name, namespace };
  const apiVersion = `${GROUP}/v1`;
  // An account belongs to a namespace, users and groups to the cluster.
  const where = subject.kind === "ServiceAccount" ? { namespace } : { apiGroup: GROUP };
  return [
    { apiVersion, kind: "Role", metadata, rules: POLICY_RULES },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: GROUP, kind: "Role", name },
      subjects: [{ ...where, ...subject }],
    },
  ];
}
