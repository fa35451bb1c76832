import pLimit, { type LimitFunction } from "p-limit";
import type { AgentPack, LinuxTarget } from "../../agent/build/agent_pack.ts";
import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import type { ClusterContext } from "../kit/mod.ts";
import { reportBuild } from "../events/mod.ts";
import { ensureAgentVolume } from "./agent_volume.ts";
import type { Engine } from "./engine/engine.ts";
import { ensureBuiltImage } from "./builds/build_image.ts";
import { ensureImage } from "./images/ensure_image.ts";
import type { Image } from "./images/inspect_image.ts";
import type { ContainerOptions } from "./docker_options.ts";
import { SharedWork } from "../concurrency/mod.ts";

/** What has to be there before a container can be created. */
export interface Provision {
  readonly image: Image;
  readonly pack: AgentPack;
  /** Name of the volume that holds the pack. */
  readonly agentVolume: string;
}

/** The agent that runs on an image's architecture. */
const TARGETS: Readonly<Record<string, LinuxTarget>> = {
  amd64: "x86_64-unknown-linux-gnu",
  arm64: "aarch64-unknown-linux-gnu",
};

/** Gets images and agents onto an engine: each once for a cluster, however many nodes need it. */
export class Provisions {
  #engine: Engine;
  #cluster: ClusterContext;
  #configDir: string;
  #work = new SharedWork();
  /** A reference names one image at a time: a pull for one platform takes it from another platform. */
  readonly #turns = new Map<string, LimitFunction>();

  /** `configDir` is the Docker command line's folder, which holds the credentials of registries. */
  constructor(engine: Engine, { cluster, configDir }: {
    cluster: ClusterContext;
    configDir: string;
  }) {
    this.#engine = engine;
    this.#cluster = cluster;
    this.#configDir = configDir;
  }

  /** What nodes with these options need. An abort does not end work that other launches wait for. */
  async provide(options: ContainerOptions, signal: AbortSignal): Promise<Provision> {
    const { image, build, platform, pull } = options;
    const once = <T>(key: string, work: () => Promise<T>) => this.#work.once(key, work, signal);
    const found = await once(
      `image ${image} ${JSON.stringify(build)} ${platform} ${pull}`,
      () => this.#ensureImage(options),
    );
    const target = targetOf(found, image);
    const pack = await once(`pack ${target}`, () => obtain(target, this.#cluster));
    const agentVolume = await once(
      `volume ${target}`,
      () => this.#ensureVolume(pack, { image: found.id, platform }),
    );
    return { image: found, pack, agentVolume };
  }

  /** Waits until no work is in flight any more. Idempotent. */
  async settled(): Promise<void> {
    await this.#work.settled();
  }

  async #ensureImage(options: ContainerOptions): Promise<Image> {
    const { emit, signal } = this.#cluster;
    const { credentials, image, build, platform, pull } = options;
    const turn = this.#turns.get(image) ?? pLimit(1);
    this.#turns.set(image, turn);
    const configDir = this.#configDir;
    if (build) {
      const how = { platform, pull, credentials, configDir, emit, signal };
      return await ensureBuiltImage(this.#engine, build, how);
    }
    return await turn(() =>
      ensureImage(this.#engine, options, { credentials, configDir, emit, signal })
    );
  }

  async #ensureVolume(
    pack: AgentPack,
    { image, platform }: Pick<ContainerOptions, "image" | "platform">,
  ): Promise<string> {
    const { run, clusterId, signal } = this.#cluster;
    return await ensureAgentVolume(this.#engine, pack, { run, clusterId, image, platform, signal });
  }
}

function targetOf({ os, architecture }: Image, image: string): LinuxTarget {
  const target = os === "linux" || os === "" ? TARGETS[architecture] : undefined;
  if (target !== undefined) return target;
  throw new TypeError(
    `Cannot make a node from the image "${image}": there is no agent for ${os}/${architecture}`,
  );
}

function obtain(target: LinuxTarget, { emit, signal }: ClusterContext): Promise<AgentPack> {
  return reportBuild(emit, (onProgress) => obtainAgent(target, { signal, onProgress }));
}
