/** How the DNS of a cluster knows a pod by the name of its node. */
export interface PodDomain {
  /** The pod's `subdomain`. */
  readonly subdomain: string;
  /** Where the pod looks for names without a dot. */
  readonly search: string;
}
