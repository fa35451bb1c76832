import type { Fleet } from "../../agent/client/fleet.ts";
import type { Emit } from "../events/mod.ts";
import type { Ownership } from "../ownership/mod.ts";
import { ApiError, type KubeApi, type KubeObject } from "./api/mod.ts";
import { ownedLabels } from "./labels.ts";
import {
  type JobManifest,
  ownerJob,
  type OwnerPlan,
  removalSchedule,
  secondsOf,
} from "./owner_manifest.ts";
import { type RenewedOwner, renewOwner } from "./owner_renewal.ts";
import type { OwnerReference } from "./pod.ts";

/**
 * Milliseconds without a renewal after which the cluster removes everything, besides the lease of agents:
 * an API server that is away for a while does not end a test.
 */
const OUTAGE = 15 * 60_000;

/** Milliseconds between two renewals. */
const INTERVAL = 3 * 60_000;

/** What an owner is made with. */
export interface ClusterOwnerOptions extends Ownership {
  /** Its thread renews the owner. */
  readonly fleet: Pick<Fleet, "renew">;
  readonly emit: Emit;
  /** Milliseconds without a heartbeat after which an agent ends. */
  readonly lease: number;
  /** Image of helpers. @default the usual one */
  readonly helperImage: string | undefined;
}

/** An owner that there is. */
interface MadeOwner {
  readonly reference: OwnerReference;
  readonly isScheduled: boolean;
  readonly renewing: Disposable;
}

/**
 * What owns all objects of a cluster of ours: an object whose time is put off again and again, and which
 * the cluster itself removes when nobody does so any more, with everything that it owns. So nothing is left
 * behind either when the runner, its guardian and all agents are dead.
 */
export class ClusterOwner {
  readonly #api: KubeApi;
  readonly #options: ClusterOwnerOptions;
  /** Several backends of one cluster may have the same namespace. */
  readonly #name: string;
  #made: Promise<MadeOwner | undefined> | undefined;

  /** Nothing is made before there is something to own. */
  constructor(api: KubeApi, options: ClusterOwnerOptions) {
    this.#api = api;
    this.#options = options;
    this.#name = `clustertest-${options.clusterId}-${crypto.randomUUID().slice(0, 6)}`
      .toLowerCase();
  }

  /** What refers to the owner in the metadata of an object; makes it, if it is not there yet. */
  async references(): Promise<readonly OwnerReference[]> {
    this.#made ??= this.#make().catch((error) => {
      this.#made = undefined;
      throw error;
    });
    const made = await this.#made;
    return made === undefined ? [] : [made.reference];
  }

  /** Removes it. What it owns goes as well, a moment later. Idempotent. */
  async remove(): Promise<void> {
    const made = await this.#made;
    if (made === undefined) return;
    made.renewing[Symbol.dispose]();
    await this.#remove(made);
    this.#made = undefined;
  }

  async #remove({ isScheduled }: Pick<MadeOwner, "isScheduled">): Promise<void> {
    if (isScheduled) await this.#api.delete("cronjobs", this.#name, { signal: never() });
    await this.#api.delete("jobs", this.#name, { signal: never() });
  }

  /** Resolves to `undefined` where a role, a quota or a policy does not let us: tests run all the same. */
  async #make(): Promise<MadeOwner | undefined> {
    try {
      return await this.#create();
    } catch (error) {
      if (!(error instanceof ApiError) || !isWithheld(error)) throw error;
      const message = "When the runner and its guardian are killed, their pods end, but nothing " +
        `in the cluster removes them: ${error.message}`;
      this.#options.emit({ type: "warning", message });
      return undefined;
    }
  }

  async #create(): Promise<MadeOwner> {
    const begun = Date.now();
    const lease = this.#options.lease + OUTAGE;
    const plan: OwnerPlan = {
      name: this.#name,
      labels: ownedLabels("owner", this.#options, lease),
      seconds: secondsOf(lease),
      helperImage: this.#options.helperImage,
    };
    const job = await this.#api.create<JobManifest>("jobs", ownerJob(plan), { signal: never() });
    const reference = referenceTo(job, "batch/v1", "Job");
    const isScheduled = job.spec.ttlSecondsAfterFinished === undefined;
    const target = this.#target({ isScheduled, begun, lease });
    try {
      if (isScheduled) await this.#schedule(plan, reference);
      // An owner that may be made, but not renewed, would be the end of a long test.
      await renewOwner(this.#api, target, never());
    } catch (error) {
      // A schedule goes with the job.
      await this.#remove({ isScheduled: false });
      throw error;
    }
    const module = import.meta.resolve("./owner_renewal.ts");
    const what = "the owner of the cluster's pods, which go when it is not renewed";
    const renewing = this.#options.fleet.renew({ what, module, target, interval: INTERVAL });
    return { reference, isScheduled, renewing };
  }

  /** For servers that remove no job by themselves. */
  async #schedule(plan: OwnerPlan, reference: OwnerReference): Promise<void> {
    const manifest = removalSchedule(plan, reference);
    const made = await this.#api.create("cronjobs", manifest, { signal: never() });
    const controller = { ...referenceTo(made, "batch/v1beta1", "CronJob"), controller: true };
    const patch = { metadata: { ownerReferences: [controller] } };
    await this.#api.patch("jobs", { name: plan.name, patch, signal: never() });
  }

  #target(more: Pick<RenewedOwner, "isScheduled" | "begun" | "lease">): RenewedOwner {
    const { run, clusterId } = this.#options;
    const { access } = this.#api;
    return { access, ownership: { run, clusterId }, name: this.#name, ...more };
  }
}

function referenceTo(
  { metadata: { name, uid = "" } }: KubeObject,
  apiVersion: string,
  kind: string,
): OwnerReference {
  return { apiVersion, kind, name, uid };
}

/** What is asked for is not aborted: the server would go on, and make it after all else was removed. */
function never(): AbortSignal {
  return new AbortController().signal;
}

/** Whether the server does not let us have such an object, rather than that its namespace is not there. */
function isWithheld({ status, said }: ApiError): boolean {
  return status === 403 || status === 404 && !/^namespaces .* not found/.test(said);
}
