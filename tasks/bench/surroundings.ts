import { join } from "node:path";
import type { Engine } from "../../clusters/docker/engine/engine.ts";
import { docker } from "../../clusters/docker/backend.ts";
import { openEngine, testImages } from "../../clusters/docker/testing/engine.ts";
import { Cluster } from "../../clusters/cluster/mod.ts";
import type { Backend, NodeOptions } from "../../clusters/kit/mod.ts";
import { loopback } from "../../clusters/loopback/mod.ts";
import type { TestNamespace } from "../../clusters/kubernetes/testing/namespace.ts";
import type { Node } from "../../clusters/node/mod.ts";
import { type ContainerServices, startContainerServices } from "./peers/container_services.ts";
import { DockerCli } from "./peers/docker_cli.ts";
import { KubectlCli } from "./peers/kubectl_cli.ts";
import { launchPodNodes, openPodNamespace, type PodNodes } from "./peers/pod_nodes.ts";
import { SshPeer } from "./peers/ssh_peer.ts";
import { TestcontainersPeer } from "./peers/testcontainers_peer.ts";
import { TcpServices } from "./peers/tcp_services.ts";

/**
 * What several rows measure with: each is made when a row first asks for it, and goes at the end.
 * What this machine does not have rejects with the reason, whenever it is asked for.
 */
export class Surroundings implements AsyncDisposable {
  /** The image of containers: `CLUSTERTEST_DOCKER_IMAGE`, or the busybox that tests run on. */
  readonly image: string = Deno.env.get("CLUSTERTEST_DOCKER_IMAGE") || testImages.busybox;
  readonly #stack = new AsyncDisposableStack();
  readonly #made = new Map<string, Promise<unknown>>();

  /** A folder of this machine. */
  scratch(): Promise<string> {
    return this.#once("scratch", async () => {
      const folder = await Deno.makeTempDir({ prefix: "clustertest-bench-" });
      this.#stack.defer(() => Deno.remove(folder, { recursive: true }));
      return folder;
    });
  }

  /** A file of so many bytes that are no zeros. */
  file(bytes: number): Promise<string> {
    return this.#once(`file ${bytes}`, async () => {
      const path = join(await this.scratch(), `file-${bytes}`);
      using file = await Deno.open(path, { write: true, create: true });
      const block = crypto.getRandomValues(new Uint8Array(64 * 1024));
      for (let left = bytes; left > 0; left -= block.length) {
        await file.write(left < block.length ? block.subarray(0, left) : block);
      }
      return path;
    });
  }

  /** A node whose agent is a process of this machine. */
  loopbackNode(): Promise<Node> {
    return this.#once("loopback", async () => await (await this.cluster(loopback())).addNode());
  }

  /** Nodes of that kind. */
  loopbackNodes(count: number): Promise<Node[]> {
    return this.#once(
      `loopback ${count}`,
      async () => await (await this.cluster(loopback())).addNodes(count),
    );
  }

  /** A node that is a container. */
  dockerNode(): Promise<Node> {
    return this.#once("docker", async () => {
      return await (await this.cluster(docker({ image: this.image }))).addNode();
    });
  }

  /** A cluster of so many nodes that are containers. */
  dockerCluster(count: number): Promise<Cluster> {
    return this.#once(`docker ${count}`, async () => {
      const cluster = await this.cluster(docker({ image: this.image }));
      await cluster.addNodes(count);
      return cluster;
    });
  }

  /** A namespace of a Kubernetes cluster. */
  podNamespace(): Promise<TestNamespace> {
    return this.#once(
      "pod namespace",
      async () => this.#stack.use(await openPodNamespace()),
    );
  }

  /** Nodes that are pods. */
  podNodes(): Promise<PodNodes> {
    return this.#once("pod nodes", async () => {
      return await launchPodNodes(await this.podNamespace(), (backend) => this.cluster(backend));
    });
  }

  /** The command line of Kubernetes. */
  kubectlCli(): Promise<KubectlCli> {
    return this.#once("kubectl", () => KubectlCli.find());
  }

  /** A connection to the engine. */
  engine(): Promise<Engine> {
    return this.#once("engine", async () => this.#stack.use(await openEngine()));
  }

  /** An OpenSSH server of this machine, and a shared connection to it. */
  ssh(): Promise<SshPeer> {
    return this.#once("ssh", async () => this.#stack.use(await SshPeer.start()));
  }

  /** The Docker command line. */
  dockerCli(): Promise<DockerCli> {
    return this.#once("docker cli", () => DockerCli.find());
  }

  /** Testcontainers, in a process of its own. */
  testcontainers(): Promise<TestcontainersPeer> {
    return this.#once("testcontainers", async () => {
      await this.engine();
      return this.#stack.use(await TestcontainersPeer.start(this.image));
    });
  }

  /** Services on loopback, in a process of their own. */
  services(): Promise<TcpServices> {
    return this.#once("services", async () => this.#stack.use(await TcpServices.start()));
  }

  /** The same services in a container that is a node. */
  containerServices(): Promise<ContainerServices> {
    return this.#once(
      "container services",
      () => startContainerServices((backend) => this.cluster(backend), testImages.glibc),
    );
  }

  /** A cluster that is gone at the end. */
  async cluster<O extends NodeOptions>(backend: Backend<O>): Promise<Cluster<O>> {
    return this.#stack.use(await Cluster.create(backend, { progress: false }));
  }

  /** Gives back all that was made, the latest first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const made = this.#made.get(key) as Promise<T> | undefined ?? make();
    this.#made.set(key, made);
    return made;
  }
}
