import { eventually } from "../../../clusters/waiting/mod.ts";
import type { KubeObject } from "../../../clusters/kubernetes/api/mod.ts";
import { testImages } from "../../../clusters/kubernetes/testing/cluster.ts";
import type { TestNamespace } from "../../../clusters/kubernetes/testing/namespace.ts";
import { milliseconds } from "../timing.ts";
import type { KubectlCli } from "./kubectl_cli.ts";

/** By which they are found. */
const LABEL = "clustertest-bench";

interface Pod extends KubeObject {
  readonly status?: { readonly phase?: string };
}

/** How `kubectl` is to delete them. */
export interface BareRemoval {
  readonly kubectl: KubectlCli;
  /** Whether the objects go at once, whatever their processes do. @default false */
  readonly force?: boolean;
}

/** Pods that only sleep, after a container that does nothing: what the cluster needs, whatever runs in it. */
export class BarePods {
  readonly #namespace: TestNamespace;
  readonly #run = crypto.randomUUID().slice(0, 8);

  /** Starts nothing yet. */
  constructor(namespace: TestNamespace) {
    this.#namespace = namespace;
  }

  /** Milliseconds until so many are `Running`. */
  launch(count: number): Promise<number> {
    return milliseconds(async () => {
      const end = new AbortController();
      const names = Array.from({ length: count }, (_, i) => `bare-${this.#run}-${i}`);
      const running = this.#allRun(names, end.signal);
      try {
        await Promise.all(names.map((name) => this.#create(name)));
        await running;
      } finally {
        end.abort();
      }
    });
  }

  /** Milliseconds until `kubectl delete --grace-period=0` has ended, and none is there any more. */
  remove({ kubectl, force = false }: BareRemoval): Promise<number> {
    const labelSelector = `${LABEL}=${this.#run}`;
    const { api, name } = this.#namespace;
    return milliseconds(async () => {
      const args = ["delete", "pods", "-n", name, "-l", labelSelector, "--grace-period=0"];
      await kubectl.run([...args, ...force ? ["--force"] : []]);
      await eventually(async () => {
        const { signal } = new AbortController();
        const { items } = await api.list("pods", { labelSelector, signal });
        if (items.length > 0) throw new Error(`${items.length} are left`);
      }, { timeout: 60_000 });
    });
  }

  async #create(name: string): Promise<void> {
    const container = { image: testImages.busybox, imagePullPolicy: "IfNotPresent" };
    await this.#namespace.api.create("pods", {
      metadata: { name, labels: { [LABEL]: this.#run } },
      spec: {
        restartPolicy: "Never",
        initContainers: [{ ...container, name: "first", command: ["/bin/true"] }],
        containers: [{ ...container, name: "main", command: ["/bin/sleep", "1000"] }],
      },
    }, { signal: new AbortController().signal });
  }

  async #allRun(names: readonly string[], signal: AbortSignal): Promise<void> {
    const waiting = new Set(names);
    const labelSelector = `${LABEL}=${this.#run}`;
    try {
      for await (
        const { object } of this.#namespace.api.watch<Pod>("pods", { labelSelector, signal })
      ) {
        if (object.status?.phase === "Running") waiting.delete(object.metadata.name);
        if (waiting.size === 0) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
