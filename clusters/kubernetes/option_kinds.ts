import { checkOptions, kinds, type OptionKinds } from "../options/mod.ts";
import type {
  KubernetesNodeOptions,
  KubernetesOptions,
  ResourceRequests,
  Toleration,
} from "./kubernetes_options.ts";

const { anything, callback, flag, list, number, oneOf, table, text } = kinds;

/** Of a node, besides what all nodes have. What has bounds is checked where options are merged. */
export const KUBERNETES_NODE_KINDS: OptionKinds<Omit<KubernetesNodeOptions, "name" | "env">> = {
  image: text,
  helperImage: text,
  agentImage: text,
  platform: oneOf("linux/amd64", "linux/arm64"),
  pull: oneOf("missing", "always", "never"),
  imagePullSecrets: list,
  cpus: number("CPUs"),
  memory: anything,
  requests: table,
  labels: table,
  annotations: table,
  nodeSelector: table,
  tolerations: list,
  serviceAccount: text,
  user: text,
  readOnlyRoot: flag,
  securityContext: table,
  volumes: table,
  scheduleTimeout: number("milliseconds"),
  startTimeout: number("milliseconds"),
  customize: callback,
};

/** Of `kubernetes()`. */
export const KUBERNETES_KINDS: OptionKinds<KubernetesOptions> = {
  ...KUBERNETES_NODE_KINDS,
  env: table,
  kubeconfig: text,
  context: text,
  namespace: text,
  reachedBy: oneOf("address", "forward"),
  maxLife: number("milliseconds"),
};

const REQUESTS_KINDS: OptionKinds<ResourceRequests> = { cpus: number("CPUs"), memory: anything };

const TOLERATION_KINDS: OptionKinds<Toleration> = {
  key: text,
  operator: oneOf("Equal", "Exists"),
  value: text,
  effect: oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
  tolerationSeconds: number("seconds"),
};

/** Checks what is within options: their names, and their kinds. */
export function checkNestedOptions(
  { requests, tolerations = [], volumes = {} }: KubernetesNodeOptions,
): void {
  checkOptions("use requests", requests, REQUESTS_KINDS);
  for (const each of tolerations) checkOptions("use a toleration", each, TOLERATION_KINDS);
  for (const [path, volume] of Object.entries(volumes)) {
    if (table.is(volume)) continue;
    throw new TypeError(`Cannot use the volume "${path}": it must be ${table.description}`);
  }
}
