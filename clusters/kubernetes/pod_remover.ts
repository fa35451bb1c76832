import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import type { KubeApi } from "./api/mod.ts";
import { NODE_LABEL, selectorOf } from "./labels.ts";
import type { PodWatch } from "./pod_watch.ts";

/** Seconds that the processes of a pod get: with none, the pod is gone before its processes are. */
const GRACE = { running: 1, idle: 0 } as const;

/**
 * Milliseconds in which a pod is gone that was deleted: a kubelet whose engine was too busy tries again
 * after more than a minute.
 */
const GONE_DEADLINE = 180_000;

/** Milliseconds for which others may join a request. */
const BATCH_TIME = 5;

/** Nodes that one request names, so that its URL does not become too long. */
const MAX_NAMES = 50;

/** A pod that is to go. */
export interface RemovedPod {
  /** Its own name. */
  readonly pod: string;
  /** The name of its node. */
  readonly node: string;
  /** Whether something of the test may run in it, rather than an agent that has ended all else, or nothing. */
  readonly isRunning: boolean;
}

/** Pods that go together. */
interface Batch {
  readonly nodes: string[];
  readonly deleted: Promise<void>;
}

/** Removes pods of one cluster: those that are to go at the same time, by one request. */
export class PodRemover {
  readonly #api: KubeApi;
  readonly #clusterId: string;
  readonly #watch: PodWatch;
  /** By the seconds that their processes get. */
  readonly #batches = new Map<number, Batch>();

  constructor(api: KubeApi, { clusterId, watch }: {
    readonly clusterId: string;
    readonly watch: PodWatch;
  }) {
    this.#api = api;
    this.#clusterId = clusterId;
    this.#watch = watch;
  }

  /**
   * Resolves once the pod is gone, with all that ran in it. That of a pod in which nothing runs takes no
   * time; that of another one as long as its machine needs, and some of them look every ten seconds only.
   */
  async remove({ pod, node, isRunning }: RemovedPod): Promise<void> {
    if (this.#watch.look(pod) === "gone") return;
    await this.#delete(node, isRunning ? GRACE.running : GRACE.idle);
    // A launch may have been given up before its pod was there.
    if (this.#watch.look(pod) === undefined && !await this.#isThere(pod)) return;
    using late = new Deadline(GONE_DEADLINE, [], () => stillThere(pod));
    await this.#watch.gone(pod, late.signal);
  }

  async #isThere(pod: string): Promise<boolean> {
    const { signal } = new AbortController();
    return await this.#api.get("pods", pod, { signal }) !== undefined;
  }

  /** All that ask within a moment go together. */
  #delete(node: string, grace: number): Promise<void> {
    const batch = this.#batches.getOrInsertComputed(grace, () => {
      const nodes: string[] = [];
      const deleted = delay(BATCH_TIME).then(() => {
        this.#batches.delete(grace);
        return this.#deleteAll(nodes, grace);
      });
      return { nodes, deleted };
    });
    batch.nodes.push(node);
    return batch.deleted;
  }

  async #deleteAll(nodes: readonly string[], grace: number): Promise<void> {
    const signal = new AbortController().signal;
    for (let i = 0; i < nodes.length; i += MAX_NAMES) {
      const names = nodes.slice(i, i + MAX_NAMES).join(",");
      const labelSelector = `${selectorOf(this.#clusterId)},${NODE_LABEL} in (${names})`;
      await this.#api.deleteCollection("pods", { labelSelector, grace, signal });
    }
  }
}

function stillThere(pod: string): Error {
  return new Error(
    `Cannot remove the pod "${pod}": it is still there ${GONE_DEADLINE / 1000} s after it was ` +
      `deleted. Its machine may be down: see "kubectl describe pod ${pod}", and remove it by ` +
      `"kubectl delete pod ${pod} --force --grace-period=0" once nothing of it runs`,
  );
}
