import type { PodDomain } from "./pod_domain.ts";
import type { Emit } from "../events/mod.ts";
import type { Ownership } from "../ownership/mod.ts";
import { hasStatus, type KubeApi } from "./api/mod.ts";
import type { ClusterOwner } from "./cluster_owner.ts";
import { OURS, ownedLabels, selectorOf } from "./labels.ts";
import type { OwnerReference } from "./pod.ts";

/** The domain of most clusters. No API says which one it is; another one only costs a question to its DNS. */
const DOMAIN = "cluster.local";

/** What names are made with. */
export interface NameServiceOptions extends Ownership {
  /** What the object goes with. */
  readonly owner: Pick<ClusterOwner, "references">;
  readonly emit: Emit;
  /** Milliseconds that a pod may live. */
  readonly maxLife: number;
}

/**
 * Names of nodes in a cluster's DNS, by a headless service: for what does not look into the hosts file of a
 * node, such as other containers of a pod, and programs that ask a server of names themselves.
 */
export class NameService {
  readonly #api: KubeApi;
  readonly #options: NameServiceOptions;
  #domain: Promise<PodDomain | undefined> | undefined;

  /** Nothing is made before there is a pod. */
  constructor(api: KubeApi, options: NameServiceOptions) {
    this.#api = api;
    this.#options = options;
  }

  /** The domain of the pods; `undefined` where no such object may be made, or nothing would remove it. */
  async domain(): Promise<PodDomain | undefined> {
    return await (this.#domain ??= this.#make().catch((error) => {
      this.#domain = undefined;
      throw error;
    }));
  }

  /** Removes the names. Idempotent. */
  async remove(): Promise<void> {
    const domain = await this.#domain;
    if (domain === undefined) return;
    await this.#api.delete("services", domain.subdomain, { signal: never() });
    this.#domain = undefined;
  }

  async #make(): Promise<PodDomain | undefined> {
    const [owner] = await this.#options.owner.references();
    if (owner === undefined) return undefined;
    try {
      await this.#api.create("services", this.#manifest(owner), { signal: never() });
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
      const message = `Names of nodes are in their hosts files alone, not in DNS: ${error.message}`;
      this.#options.emit({ type: "warning", message });
      return undefined;
    }
    const search = `${owner.name}.${this.#api.namespace}.svc.${DOMAIN}`;
    return { subdomain: owner.name, search };
  }

  /** Has an address before a pod is ready, since nodes look for each other while they start. */
  #manifest(owner: OwnerReference): Record<string, unknown> {
    const { clusterId, maxLife } = this.#options;
    const [label, value] = selectorOf(clusterId).split("=");
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: owner.name,
        labels: ownedLabels("names", this.#options, maxLife),
        ownerReferences: [owner],
      },
      spec: {
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: { [OURS]: "node", [label!]: value },
      },
    };
  }
}

/** As for all that is made: what is asked for is not aborted, or it would come after the removal. */
function never(): AbortSignal {
  return new AbortController().signal;
}
