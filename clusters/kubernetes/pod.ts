/**
 * What of the Kubernetes API's objects is looked at here.
 *
 * @module
 */

/** The name of an object, and what goes with it. */
export interface ObjectMeta {
  /** Unique in its namespace. */
  readonly name: string;
  /** Where it is. @default the namespace of the backend */
  readonly namespace?: string;
  /** Unique for all time. */
  readonly uid?: string;
  /** What it is selected by. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What programs note about it. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What it goes with. */
  readonly ownerReferences?: readonly OwnerReference[];
  /** Set once it is to be deleted. */
  readonly deletionTimestamp?: string;
}

/** An object with which another one goes. */
export interface OwnerReference {
  /** Of the owner's kind, with its group. */
  readonly apiVersion: string;
  /** Of the owner. */
  readonly kind: string;
  /** Of the owner. */
  readonly name: string;
  /** Of the owner: one of the same name that is made later is another one. */
  readonly uid: string;
  /** Whether the owner is in charge of it. @default false */
  readonly controller?: boolean;
}

/** Any object that has labels. */
export interface LabelledObject {
  readonly metadata: ObjectMeta;
}

/** A pod, as it is told to be made: `customize` may change all of it. */
export interface PodManifest {
  /** Of the API. */
  readonly apiVersion: "v1";
  /** What it is. */
  readonly kind: "Pod";
  /** Its name and labels. */
  readonly metadata: ObjectMeta;
  /** As the documentation of Kubernetes describes it. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A pod, as the API server has it. */
export interface Pod extends LabelledObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly {
      readonly name: string;
      readonly resources?: { readonly requests?: { readonly cpu?: string } };
    }[];
  };
  readonly status?: PodStatus;
}

/** How a pod is. */
export interface PodStatus {
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  /** Of a pod that has failed as a whole: "Evicted", "DeadlineExceeded", … */
  readonly reason?: string;
  readonly message?: string;
  readonly podIP?: string;
  readonly conditions?: readonly PodCondition[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

/** One thing that is so, or is not. */
export interface PodCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
}

/** How a container of a pod is. */
export interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: TerminatedContainer;
  };
}

/** How a container has ended. */
export interface TerminatedContainer {
  readonly exitCode: number;
  /** "OOMKilled", "Error", "ContainerCannotRun", … */
  readonly reason?: string;
  readonly message?: string;
}

/** What the cluster tells of an object. */
export interface ObjectEvent extends LabelledObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string;
}
