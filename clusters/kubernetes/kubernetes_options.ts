import type { MemoryAmount, NodeOptions } from "../kit/mod.ts";
import type { PodManifest } from "./pod.ts";

/** What a node in Kubernetes may be. All of it can be said per backend and, with priority, per node. */
export interface KubernetesNodeOptions extends NodeOptions {
  /**
   * Reference of the image, which the cluster's machines have or can pull. Any will do, an empty one too:
   * the agent brings all that it needs. @default the variable `CLUSTERTEST_KUBERNETES_IMAGE`
   */
  readonly image?: string | undefined;
  /**
   * An image with BusyBox, which brings the agent into the pod before the node's own image starts. It
   * runs as user 65534, with no privileges. @default the variable `CLUSTERTEST_KUBERNETES_HELPER_IMAGE`,
   * or else `busybox:1.37`
   */
  readonly helperImage?: string | undefined;
  /**
   * An image with the agent, as `deno task agent --image FILE` makes it for a registry of your own: machines
   * pull it, and nothing passes the API server. It has to be of the version that runs the test. The helper
   * is there all the same. @default the runner sends the agent
   */
  readonly agentImage?: string | undefined;
  /** Processors of the machine that the node runs on. @default "linux/amd64" */
  readonly platform?: "linux/amd64" | "linux/arm64" | undefined;
  /** When machines fetch images: when they do not have them, always, or never. @default "missing" */
  readonly pull?: "missing" | "always" | "never" | undefined;
  /** Names of Secrets in the namespace that hold the credentials of registries. @default none */
  readonly imagePullSecrets?: readonly string[] | undefined;
  /** How many CPUs' worth of time the node gets at most, as in `0.5`. @default no limit of ours */
  readonly cpus?: number | undefined;
  /**
   * Bytes of memory, or a number with `k`, `m` or `g`, as in `"512m"`. What needs more is killed. The agent
   * is in it: 96 MiB are the least. @default no limit of ours
   */
  readonly memory?: MemoryAmount | undefined;
  /**
   * What the scheduler reserves for the node. A pod for which nothing is reserved gets what others leave of
   * its machine. @default what `cpus` and `memory` say, or else a LimitRange of the namespace, or nothing
   */
  readonly requests?: ResourceRequests | undefined;
  /** Labels of the pod. Those that begin with `clustertest` are taken. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Annotations of the pod. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Labels that the machine has to have on which the node runs. */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  /** Taints of machines that do not keep the node away, as in the specification of a pod. */
  readonly tolerations?: readonly Toleration[] | undefined;
  /** Service account of the pod; its token is then mounted. @default none, and no token */
  readonly serviceAccount?: string | undefined;
  /** Number of the user, or of the user and a group: `"1000"`, `"1000:1000"`. @default the image's */
  readonly user?: string | undefined;
  /** Makes the image's files read-only; the node's `rootDir` stays writable. @default false */
  readonly readOnlyRoot?: boolean | undefined;
  /** Added to the `securityContext` of the node's container. */
  readonly securityContext?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Volumes by absolute path in the node: each a volume as in the specification of a pod but for its name,
   * as in `{ "/data": { emptyDir: {} } }` or `{ "/conf": { configMap: { name: "conf" } } }`.
   */
  readonly volumes?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /**
   * Milliseconds for which a pod may find no machine that it fits on. Say more where machines are added
   * when they are needed. @default 10 seconds
   */
  readonly scheduleTimeout?: number | undefined;
  /**
   * Milliseconds in which a node has to be there that a machine was found for. An agent that nobody reaches,
   * since the runner and the guardian have died meanwhile, ends its pod after as long.
   * @default five minutes
   */
  readonly startTimeout?: number | undefined;
  /**
   * Changes the pod just before it is created, for what has no option here. It may be changed in place or
   * replaced by the result. What the agent needs is easily broken by it. The container that brings the
   * agent starts before all others, wherever it stands.
   */
  readonly customize?:
    | ((pod: PodManifest, node: { readonly name: string }) => CustomizedPod)
    | undefined;
}

/** What a `customize` hook gives back: another pod, or nothing when it changed the given one. */
export type CustomizedPod = PodManifest | void | Promise<PodManifest | void>;

/** What a scheduler reserves. */
export interface ResourceRequests {
  /** As {@linkcode KubernetesNodeOptions.cpus}. */
  readonly cpus?: number | undefined;
  /** As {@linkcode KubernetesNodeOptions.memory}, without a least amount. */
  readonly memory?: MemoryAmount | undefined;
}

/** A taint that does not keep a pod away. */
export interface Toleration {
  /** Key of the taint. @default all of them, with the operator "Exists" */
  readonly key?: string | undefined;
  /** How `value` is compared. @default "Equal" */
  readonly operator?: "Equal" | "Exists" | undefined;
  /** Of the taint. */
  readonly value?: string | undefined;
  /** What the taint does. @default all of it */
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
  /** For how long it is tolerated that pods are to go. @default for ever */
  readonly tolerationSeconds?: number | undefined;
}

/** Which Kubernetes, and what its nodes are unless they say otherwise. */
export interface KubernetesOptions extends Omit<KubernetesNodeOptions, "name"> {
  /** Path of a kubeconfig. @default as `kubectl` finds it: `KUBECONFIG`, `~/.kube/config`, a pod's account */
  readonly kubeconfig?: string | undefined;
  /** Name of a context of the kubeconfig. @default its current one */
  readonly context?: string | undefined;
  /** The namespace in which pods are made; it has to exist. @default the context's */
  readonly namespace?: string | undefined;
  /**
   * How agents are reached: at the addresses of their pods, or by port-forwards of the API server, which
   * work from anywhere. @default at the addresses, if that of the first pod answers
   */
  readonly reachedBy?: "address" | "forward" | undefined;
  /**
   * Milliseconds after which the cluster itself ends a pod, whatever else has failed.
   * @default 24 hours
   */
  readonly maxLife?: number | undefined;
}

/** What a node shall be, with everything that the backend says filled in. */
export type PodOptions = Omit<KubernetesNodeOptions, "name" | "image" | "helperImage"> & {
  readonly image: string;
  readonly helperImage: string;
};
