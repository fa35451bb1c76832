/**
 * Why nodes are lost, each provoked on a real cluster.
 *
 * @module
 */
import { match, ok } from "node:assert/strict";
import { eventually, NodeLostError } from "../../mod.ts";
import { Cluster } from "../cluster/cluster.ts";
import type { Node } from "../node/node.ts";
import { KubeApi } from "./api/mod.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesOptions } from "./kubernetes_options.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();
const { signal } = new AbortController();

const requests = { cpus: 0.1 };

interface Loss {
  readonly what: string;
  readonly options?: KubernetesOptions;
  readonly lose: (node: Node, namespace: TestNamespace) => Promise<unknown>;
  readonly reason: RegExp;
}

const losses: readonly Loss[] = [
  {
    what: "a node whose pod is deleted",
    lose: (node, { api }) => api.delete("pods", node.id, { signal }),
    reason: /^its pod (is being|was) deleted$/,
  },
  {
    what: "a node whose container ends",
    lose: (node) => node.run("sh", ["-c", "kill -TERM 1"]).catch(() => {}),
    reason: /^its container ended with exit code 0$/,
  },
  {
    what: "a node that is killed for want of memory",
    options: { memory: "128m" },
    // What is in a file system in memory stays when who wrote it is killed: then it is the agent's turn.
    lose: (node) => node.spawn("sh", ["-c", "cat /dev/zero > /clustertest/launch/full"]),
    reason:
      /^its container was killed because it needed more memory than its limit of 128m allows \(out of memory\)$/,
  },
  {
    what: "a node that is evicted, with the kubelet's words",
    options: { volumes: { "/small": { emptyDir: { sizeLimit: "1Mi" } } } },
    lose: (node) => node.run("dd", ["if=/dev/zero", "of=/small/file", "bs=1M", "count=8"]),
    reason: /^its pod was evicted from its machine: .*emptyDir.* \(Evicted\)$/i,
  },
];

Deno.test({ name: "nodes that are lost say why", ignore }, async (t) => {
  // All at once: a kubelet takes a minute to see what a volume holds.
  const errors = await Promise.all(losses.map(lossOf));
  for (const [i, { what, reason }] of losses.entries()) {
    await t.step(what, () => match(errors[i]!.reason, reason));
  }
});

Deno.test({
  name: "a node that makes room for a more important pod says for which",
  ignore,
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const important = await ImportantPod.prepare(stack);
    const error = await lossOf({
      options: { customize: ({ spec }) => void important.occupy(spec) },
      lose: (node, namespace) => important.create(node, namespace),
    });
    match(error.reason, /^its pod (is being|was) deleted/);
    match(error.message, /Preempted by \S+important on node|preempting to accommodate/);
  },
});

/** A pod with a higher priority than any other, which needs what a node has. */
class ImportantPod {
  readonly #name: string;
  readonly #port: number;

  private constructor(name: string, port: number) {
    this.#name = name;
    this.#port = port;
  }

  /** Makes a class of priorities, which goes with `stack`. */
  static async prepare(stack: AsyncDisposableStack): Promise<ImportantPod> {
    const name = `clustertest-${crypto.randomUUID().slice(0, 8)}`;
    const api = stack.use(await KubeApi.open({}, { signal }));
    const manifest = { metadata: { name }, value: 1000, globalDefault: false };
    await api.create("priorityclasses", manifest, { signal });
    stack.defer(() => api.delete("priorityclasses", name, { signal }));
    return new ImportantPod(name, freePort());
  }

  /** A port of a machine is for one pod alone, and nobody else has less of the machine meanwhile. */
  occupy(spec: Readonly<Record<string, unknown>>): void {
    const [container] = spec.containers as [Record<string, unknown>];
    container.ports = [{ containerPort: this.#port, hostPort: this.#port }];
  }

  /** On the machine where the node is. */
  async create({ id }: Node, { api }: TestNamespace): Promise<void> {
    const { spec: { nodeName } } = await api.get<PlacedPod>("pods", id, { signal }) as PlacedPod;
    const containers = [{ name: "main", image: testImages.busybox, command: ["sleep", "600"] }];
    const spec = {
      containers,
      priorityClassName: this.#name,
      nodeSelector: { "kubernetes.io/hostname": nodeName },
      terminationGracePeriodSeconds: 0,
    };
    this.occupy(spec);
    // The server may not know of the class at once.
    await eventually(async () => {
      await api.create("pods", { metadata: { name: "important" }, spec }, { signal });
    });
  }
}

interface PlacedPod {
  readonly spec: { readonly nodeName: string };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Loses the one node of a cluster, and resolves to what is said of it. */
async function lossOf({ options, lose }: Pick<Loss, "options" | "lose">): Promise<NodeLostError> {
  await using namespace = await TestNamespace.make();
  const backend = kubernetes({
    image: testImages.glibc,
    requests,
    namespace: namespace.name,
    ...options,
  });
  await using cluster = await Cluster.create(backend, { progress: false });
  const node = await cluster.addNode();
  const waiting = node.run("sleep", ["1000"]).then(() => undefined, (error: Error) => error);
  await lose(node, namespace);
  const error = await waiting;
  ok(error instanceof NodeLostError, String(error));
  return error;
}
