import { LocalHost } from "../../../agent/host/local_host.ts";
import type { LaunchDocument } from "../../../agent/identity/enrolment_proof.ts";
import { makeNodeIdentity } from "../../../agent/identity/identity.ts";
import { AgentServer } from "../../../agent/server/agent_server.ts";
import { SessionServer } from "../../../agent/server/session_server.ts";
import { hasStatus, KubeApi } from "../../../clusters/kubernetes/api/mod.ts";
import type { Pod } from "../../../clusters/kubernetes/pod.ts";
import {
  AGENT_PORT,
  LAUNCH_FILE,
  NODE_CONTAINER,
} from "../../../clusters/kubernetes/pod_places.ts";

/** Name of the scheduler and of the image of pods that it looks after. */
export const STAND_IN = "clustertest-stand-in";

/** A pod, with the Secrets of its volumes. */
interface LaunchedPod extends Pick<Pod, "metadata"> {
  readonly spec: {
    readonly volumes: readonly {
      readonly secret?: {
        readonly secretName: string;
        readonly items: readonly { readonly key: string; readonly path: string }[];
      };
    }[];
  };
}

/** Where what its agent is launched with is. */
function launchSecretOf({ spec }: LaunchedPod): { readonly name: string; readonly key: string } {
  for (const { secret } of spec.volumes) {
    const item = secret?.items.find(({ path }) => path === LAUNCH_FILE);
    if (item !== undefined) return { name: secret!.secretName, key: item.key };
  }
  throw new Error("The pod mounts nothing that its agent is launched with");
}

/** What is looked at of a Secret. */
interface Secret {
  readonly data: Readonly<Record<string, string>>;
}

/**
 * Stands in for the scheduler and the machines of a namespace: says of each pod that it runs, and serves an
 * agent for it, at an address of this machine's loopback that is the pod's. All agents have one host.
 */
export class StandInMachines implements AsyncDisposable {
  readonly #api: KubeApi;
  readonly #host: LocalHost;
  readonly #rootDir: string;
  readonly #agents = new Map<string, Promise<AgentServer | undefined>>();
  readonly #end = new AbortController();
  readonly #following: Promise<void>;
  #count = 0;

  private constructor(api: KubeApi, { host, rootDir }: { host: LocalHost; rootDir: string }) {
    this.#api = api;
    this.#host = host;
    this.#rootDir = rootDir;
    this.#following = this.#follow();
  }

  /** Begins to look after the pods of the namespace that the kubeconfig has. */
  static async open(kubeconfig: string): Promise<StandInMachines> {
    const { signal } = new AbortController();
    const api = await KubeApi.open({ kubeconfig }, { signal });
    const rootDir = await Deno.makeTempDir({ prefix: "clustertest-bench-pods-" });
    const env = { PATH: Deno.env.get("PATH") ?? "" };
    const host = await LocalHost.open({ rootDir, confine: true, env });
    return new StandInMachines(api, { host, rootDir });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#following;
    await Promise.all([...this.#agents.keys()].map((pod) => this.#stop(pod)));
    await this.#host[Symbol.asyncDispose]();
    await Deno.remove(this.#rootDir, { recursive: true });
    this.#api[Symbol.dispose]();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#end;
    try {
      for await (const { type, object } of this.#api.watch<LaunchedPod>("pods", { signal })) {
        const { name } = object.metadata;
        if (type === "DELETED") void this.#stop(name);
        else if (!this.#agents.has(name)) this.#agents.set(name, this.#start(object));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** A pod may be deleted, and its Secret, before it has begun to run: it has no agent then. */
  async #start(launched: LaunchedPod): Promise<AgentServer | undefined> {
    const { signal } = this.#end;
    const { name: pod } = launched.metadata;
    const { name, key } = launchSecretOf(launched);
    const secret = await this.#api.get<Secret>("secrets", name, { signal });
    if (secret === undefined) return undefined;
    const launch = JSON.parse(atob(secret.data[key]!)) as LaunchDocument;
    const address = loopbackAddress(this.#count++);
    const sessions = new SessionServer(this.#host);
    await using stack = new AsyncDisposableStack();
    const server = await AgentServer.listen({
      hostname: address,
      port: AGENT_PORT,
      launch,
      identity: makeNodeIdentity(),
      onSession: (socket) => sessions.attach(socket),
      onHeartbeat: () => sessions.renew(),
      log: () => {},
    });
    stack.use(server);
    try {
      const patch = runningAt(address);
      await this.#api.patch("pods", { name: pod, subresource: "status", patch, signal });
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
    stack.move();
    return server;
  }

  async #stop(pod: string): Promise<void> {
    const agent = this.#agents.get(pod);
    this.#agents.delete(pod);
    await (await agent)?.[Symbol.asyncDispose]();
  }
}

/** Addresses that differ in their last number only. */
const ADDRESSES = 250;

/** One of many: 127.20.0.1 and so on. */
function loopbackAddress(index: number): string {
  return `127.20.${Math.floor(index / ADDRESSES)}.${1 + index % ADDRESSES}`;
}

/** The status of a pod that runs. */
function runningAt(podIP: string): Pick<Pod, "status"> {
  const startedAt = new Date().toISOString();
  return {
    status: {
      phase: "Running",
      podIP,
      conditions: [{ type: "PodScheduled", status: "True" }],
      containerStatuses: [{ name: NODE_CONTAINER, state: { running: { startedAt } } }],
    },
  };
}
