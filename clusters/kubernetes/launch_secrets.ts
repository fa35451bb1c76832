import { delay } from "../../agent/delay.ts";
import type { Ownership } from "../ownership/mod.ts";
import type { KubeApi } from "./api/mod.ts";
import type { ClusterOwner } from "./cluster_owner.ts";
import { ownedLabels } from "./labels.ts";
import { LAUNCH_FILE, SIDECAR_FILE } from "./pod_places.ts";

/** Milliseconds for which the documents of other pods may join a Secret. */
const BATCH_TIME = 5;

/** Bytes of documents in one Secret, which may have 1 MiB, unless a single pod has more. */
export const MAX_BYTES = 512 * 1024;

/** What the agents of one pod are launched with, as texts. */
export interface LaunchDocuments {
  readonly node: string;
  /** Of the agent beside that of the node, if there is to be one. */
  readonly sidecar?: string | undefined;
}

/** Where a pod finds its documents: in a Secret that it may share with other pods. */
export interface PodSecret {
  /** The name of the Secret. */
  readonly name: string;
  /** Under which the Secret has the document of the node's agent. */
  readonly nodeKey: string;
  /** Under which it would have that of the sidecar. */
  readonly sidecarKey: string;
}

/** What Secrets are made with. */
export interface LaunchSecretsOptions extends Ownership {
  /** What they go with. */
  readonly owner: Pick<ClusterOwner, "references">;
  /** Milliseconds that a pod may live. */
  readonly maxLife: number;
}

/** What some pods put into one Secret. */
class Batch {
  readonly name: string;
  readonly data: Record<string, string> = {};
  /** What pods have of it that have not given it up. */
  readonly parts = new Set<PodSecret>();
  #size = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether there is room for so many bytes more. */
  hasRoom(size: number): boolean {
    return this.#size + size <= MAX_BYTES;
  }

  add(pod: string, { node, sidecar }: LaunchDocuments): PodSecret {
    const nodeKey = `${pod}.${LAUNCH_FILE}`;
    const sidecarKey = `${pod}.${SIDECAR_FILE}`;
    this.data[nodeKey] = node;
    if (sidecar !== undefined) this.data[sidecarKey] = sidecar;
    this.#size += sizeOf({ node, sidecar });
    const part = { name: this.name, nodeKey, sidecarKey };
    this.parts.add(part);
    return part;
  }
}

function sizeOf({ node, sidecar = "" }: LaunchDocuments): number {
  return new TextEncoder().encode(node + sidecar).length;
}

/** A batch that others may join, and when its Secret is there. */
interface Filling {
  readonly batch: Batch;
  readonly made: Promise<void>;
}

/**
 * Brings what agents are launched with into their pods. Pods that are made at the same time share a Secret,
 * of which each mounts its own part: a kubelet may make few calls a second, 5 before version 1.27, and takes
 * some for each Secret, so that with one for each of 30 pods it mounted their volumes late, or not at all.
 */
export class LaunchSecrets {
  readonly #api: KubeApi;
  readonly #options: LaunchSecretsOptions;
  #filling: Filling | undefined;
  /** What pods have, and in which it is. */
  readonly #batches = new Map<PodSecret, Batch>();

  /** Nothing is made before there is something to put into it. */
  constructor(api: KubeApi, options: LaunchSecretsOptions) {
    this.#api = api;
    this.#options = options;
  }

  /**
   * Resolves once a Secret has the documents of a pod. If it fails there is nothing to remove; a Secret that
   * was made although the answer was lost goes with the cluster.
   */
  async put(pod: string, documents: LaunchDocuments): Promise<PodSecret> {
    if (this.#filling?.batch.hasRoom(sizeOf(documents)) !== true) this.#filling = this.#begin();
    const { batch, made } = this.#filling;
    const secret = batch.add(pod, documents);
    await made;
    this.#batches.set(secret, batch);
    return secret;
  }

  /**
   * A pod needs its documents no more. The Secret goes with the last of its pods: until then kubelets look
   * at it, and write warnings about one that they do not find. Idempotent.
   */
  async remove(secret: PodSecret): Promise<void> {
    const batch = this.#batches.get(secret);
    if (batch === undefined) return;
    this.#batches.delete(secret);
    batch.parts.delete(secret);
    if (batch.parts.size > 0) return;
    await this.#api.delete("secrets", batch.name, { signal: never() });
  }

  #begin(): Filling {
    const id = crypto.randomUUID().slice(0, 8);
    const batch = new Batch(`clustertest-${this.#options.clusterId}-${id}`.toLowerCase());
    const made = this.#make(batch);
    return { batch, made };
  }

  async #make(batch: Batch): Promise<void> {
    await delay(BATCH_TIME);
    if (this.#filling?.batch === batch) this.#filling = undefined;
    const { maxLife, owner } = this.#options;
    await this.#api.create("secrets", {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      // So that kubelets read it once, and do not watch it.
      immutable: true,
      metadata: {
        name: batch.name,
        labels: ownedLabels("launch", this.#options, maxLife),
        ownerReferences: await owner.references(),
      },
      stringData: batch.data,
    }, { signal: never() });
  }
}

/** As for all that is made: what is asked for is not aborted, or it would come after the removal. */
function never(): AbortSignal {
  return new AbortController().signal;
}
