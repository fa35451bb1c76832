import { findCluster } from "../api/find_cluster.ts";

/** What is different for a test. */
export interface TestAccess {
  /** Who one is, with no more rights than that. @default who the tests are */
  readonly user?: string | undefined;
  /** URL of what leads to the API server. @default the server itself */
  readonly server?: string | undefined;
  /** @default that of the tests */
  readonly namespace?: string | undefined;
}

/** A file with the kubeconfig of the tests' cluster, in a folder of its own. */
export class TestKubeconfig implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async write({ user, server, namespace }: TestAccess): Promise<TestKubeconfig> {
    const found = await findCluster({});
    const cluster = { ...found.cluster.cluster as object, ...server !== undefined && { server } };
    const itself = { ...found.user.user as object, ...user !== undefined && { as: user } };
    const context = { cluster: "c", user: "u", namespace: namespace ?? found.namespace };
    const kubeconfig = new TestKubeconfig(await Deno.makeTempDir());
    const config = {
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: itself }],
      contexts: [{ name: "x", context }],
      "current-context": "x",
    };
    await Deno.writeTextFile(kubeconfig.path, JSON.stringify(config));
    return kubeconfig;
  }

  get path(): string {
    return `${this.folder}/config`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
