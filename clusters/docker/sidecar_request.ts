import type { AgentPack } from "../../agent/build/agent_pack.ts";
import {
  AGENT_DIR,
  agentMounts,
  agentProgram,
  LOG_CONFIG,
  NODE_DIR,
  ROOT_DIR,
  SOCKETS_DIR,
} from "./agent_container.ts";
import { agentLife } from "../kit/mod.ts";
import type { CreateRequest } from "./docker_options.ts";
import { MAX_LIFE } from "./labels.ts";

/** What a request for a sidecar's container is made from. */
export interface SidecarPlan {
  /** Id of the node's container. */
  readonly container: string;
  /** Of the node's image: nothing of it is run. */
  readonly imageId: string;
  readonly pack: Pick<AgentPack, "command" | "env">;
  readonly agentVolume: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds without a heartbeat after which its agent ends. */
  readonly lease: number;
  /** Milliseconds that it has until it is reached. */
  readonly startTimeout: number;
  /**
   * Folder of the engine's machine with the sockets at which its agent calls. Without, it listens where
   * nothing but the node is.
   */
  readonly sockets: string | undefined;
  /** What {@linkcode syscallFilter} gives. */
  readonly syscallFilter: string | undefined;
}

/**
 * The body of the request that creates a sidecar: root in the network namespace of a node, and nothing
 * else. It writes to memory alone, and no program in it gets more than it has.
 */
export function sidecarRequest(plan: SidecarPlan): CreateRequest {
  const { pack, lease, startTimeout, sockets, syscallFilter } = plan;
  const way = sockets === undefined ? ["--listen", "127.0.0.1:0"] : ["--connect", SOCKETS_DIR];
  const life = agentLife({ lease, startTimeout, maxLife: MAX_LIFE });
  // Its requests to the kernel do not wait, and a first fault waits for its start.
  const args = [...way, "--root", ROOT_DIR, ...life, "--watch-later"];
  return {
    Image: plan.imageId,
    User: "0",
    Env: Object.entries(pack.env).map(([name, value]) => `${name}=${value}`),
    Labels: plan.labels,
    ...agentProgram([...pack.command(AGENT_DIR), ...args]),
    HostConfig: {
      AutoRemove: true,
      Init: true,
      NetworkMode: `container:${plan.container}`,
      CapDrop: ["ALL"],
      CapAdd: ["NET_ADMIN"],
      SecurityOpt: [
        "no-new-privileges",
        ...syscallFilter === undefined ? [] : [`seccomp=${syscallFilter}`],
      ],
      ReadonlyRootfs: true,
      Tmpfs: { [NODE_DIR]: "size=16m,mode=0700" },
      Mounts: agentMounts(plan.agentVolume, sockets),
      LogConfig: LOG_CONFIG,
    },
  };
}
