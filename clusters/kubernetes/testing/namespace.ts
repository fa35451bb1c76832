import { KubeApi } from "../api/mod.ts";
import { testImages } from "./cluster.ts";

const never = (): AbortSignal => new AbortController().signal;

/** A namespace for one test, which is deleted with all that is in it. */
export class TestNamespace implements AsyncDisposable {
  /** Its name. */
  readonly name: string;
  /** Access to it, with all rights. */
  readonly api: KubeApi;

  private constructor(name: string, api: KubeApi) {
    this.name = name;
    this.api = api;
  }

  static async make(): Promise<TestNamespace> {
    const name = `clustertest-${crypto.randomUUID().slice(0, 8)}`;
    const api = await KubeApi.open({ namespace: name }, { signal: never() });
    await api.create("namespaces", { metadata: { name } }, { signal: never() });
    return new TestNamespace(name, api);
  }

  /** A pod in it that runs, on glibc; it lasts as long as the namespace. */
  async pod(name: string, command: readonly string[]): Promise<void> {
    const { api } = this;
    const container = {
      name: "main",
      image: testImages.glibc,
      imagePullPolicy: "IfNotPresent",
      command,
    };
    const spec = {
      terminationGracePeriodSeconds: 0,
      restartPolicy: "Never",
      containers: [container],
    };
    await api.create("pods", { metadata: { name }, spec }, { signal: never() });
    const selection = { fieldSelector: `metadata.name=${name}`, signal: never() };
    for await (const { object } of api.watch<Pod>("pods", selection)) {
      if (object.status.phase === "Running") return;
      if (object.status.phase !== "Pending") throw new Error(`The pod is ${object.status.phase}`);
    }
  }

  /** Names of what is left in it that is ours. */
  async leftOvers(): Promise<string[]> {
    const selection = { labelSelector: "clustertest", signal: never() };
    const lists = await Promise.all((["pods", "secrets", "jobs"] as const).map(async (kind) => {
      const { items } = await this.api.list<{ metadata: { name: string } }>(kind, selection);
      return items.map(({ metadata }) => `${kind}/${metadata.name}`);
    }));
    return lists.flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { api, name } = this;
    await api.deleteCollection("pods", {
      labelSelector: "!never",
      grace: 0,
      signal: never(),
    });
    await api.delete("namespaces", name, { signal: never() });
    api[Symbol.dispose]();
  }
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly phase: string };
}
