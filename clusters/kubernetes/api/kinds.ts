/** A kind of object, as the API server knows it. */
interface KindFacts {
  /** The group of the API, empty for the first one. */
  readonly group: string;
  readonly version: string;
  /** In messages. */
  readonly noun: string;
  /** Whether it belongs to no namespace. */
  readonly isOfCluster?: true;
}

const CORE = { group: "", version: "v1" };

/** The kinds that are used here, by the names of their resources. */
const KINDS = {
  pods: { ...CORE, noun: "pod" },
  services: { ...CORE, noun: "service" },
  endpoints: { ...CORE, noun: "list of addresses" },
  configmaps: { ...CORE, noun: "config map" },
  secrets: { ...CORE, noun: "secret" },
  events: { ...CORE, noun: "event" },
  resourcequotas: { ...CORE, noun: "resource quota" },
  limitranges: { ...CORE, noun: "limit range" },
  serviceaccounts: { ...CORE, noun: "service account" },
  persistentvolumeclaims: { ...CORE, noun: "claim of a volume" },
  jobs: { group: "batch", version: "v1", noun: "job" },
  // Servers have it since 1.8, and until 1.24.
  cronjobs: { group: "batch", version: "v1beta1", noun: "schedule of jobs" },
  roles: { group: "rbac.authorization.k8s.io", version: "v1", noun: "role" },
  rolebindings: { group: "rbac.authorization.k8s.io", version: "v1", noun: "role binding" },
  priorityclasses: {
    group: "scheduling.k8s.io",
    version: "v1",
    noun: "class of priorities",
    isOfCluster: true,
  },
  validatingwebhookconfigurations: {
    group: "admissionregistration.k8s.io",
    version: "v1",
    noun: "policy",
    isOfCluster: true,
  },
  namespaces: { ...CORE, noun: "namespace", isOfCluster: true },
  nodes: { ...CORE, noun: "machine", isOfCluster: true },
} as const satisfies Record<string, KindFacts>;

/** The name of a resource of the API: `pods`, `jobs`. */
export type Kind = keyof typeof KINDS;

/** What is done to objects, in the words of roles. */
export type Verb = "create" | "get" | "list" | "watch" | "patch" | "delete" | "deletecollection";

/** Where something is in the API. */
export interface ResourcePath {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name?: string | undefined;
  /** Such as `exec`, of a pod. */
  readonly subresource?: string | undefined;
}

/** The path of a resource in the API, without what the server has before it. */
export function pathOf({ kind, namespace, name, subresource }: ResourcePath): string {
  const { group, version, isOfCluster }: KindFacts = KINDS[kind];
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const parts = [
    ...isOfCluster ? [] : ["namespaces", namespace],
    kind,
    ...name === undefined ? [] : [name],
    ...subresource === undefined ? [] : [subresource],
  ];
  return `${root}/${parts.map(encodeURIComponent).join("/")}`;
}

/** What a role calls it. */
export function resourceOf(
  { kind, subresource }: Pick<ResourcePath, "kind" | "subresource">,
): string {
  return subresource === undefined ? kind : `${kind}/${subresource}`;
}

/** The group of a kind. */
export function groupOf(kind: Kind): string {
  return KINDS[kind].group;
}

/** A kind in a message: `pod "x"`, or `pods`. */
export function described({ kind, name, subresource }: Omit<ResourcePath, "namespace">): string {
  const what = name === undefined ? kind : `${KINDS[kind].noun} "${name}"`;
  return subresource === undefined ? what : `the ${subresource} of ${what}`;
}
