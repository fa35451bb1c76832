import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { frugalEnvironment } from "../../agent/build/agent_environment.ts";
import { isLittleMemory } from "../kit/mod.ts";
import { ROOT_DIR } from "./agent_container.ts";
import type { ContainerOptions } from "./docker_options.ts";
import type { Image } from "./images/inspect_image.ts";

/** Variables by which an image would change how the agent itself runs. */
const OF_THE_RUNTIME = /^(LD|DENO|NODE|V8)_/;

/** Environments of an agent and of what it starts, which are not the same. */
export interface Environments {
  /** Of the container, as engines take it: without a value, a variable of the image is left out. */
  readonly container: readonly string[];
  /**
   * Handed to the agent for the processes that it starts. The engine does not show it, so it may
   * hold secrets.
   */
  readonly processes: Readonly<Record<string, string>>;
}

/** Processes see their image's environment and what was asked for, and nothing of the agent's. */
export function splitEnvironment(
  options: Pick<ContainerOptions, "env" | "memory" | "readOnlyRoot" | "tmpfs" | "volumes">,
  { image, pack }: { image: Pick<Image, "env">; pack: Pick<AgentPack, "env"> },
): Environments {
  const own = { ...pack.env, ...(isLittleMemory(options.memory) ? frugalEnvironment : {}) };
  const kept = Object.entries(image.env)
    .filter(([name]) => OF_THE_RUNTIME.test(name) || Object.hasOwn(own, name));
  const removed = kept.map(([name]) => name).filter((name) => !Object.hasOwn(own, name));
  return {
    container: [...removed, ...Object.entries(own).map(([name, value]) => `${name}=${value}`)],
    processes: { ...Object.fromEntries(kept), ...tempDir(options), ...options.env },
  };
}

/** Where files cannot be written, temporary ones go where they can. */
function tempDir(
  { readOnlyRoot, tmpfs = {}, volumes = {} }: Pick<
    ContainerOptions,
    "readOnlyRoot" | "tmpfs" | "volumes"
  >,
): Record<string, string> {
  const hasTmp = [...Object.keys(tmpfs), ...Object.keys(volumes)].includes("/tmp");
  return readOnlyRoot && !hasTmp ? { TMPDIR: ROOT_DIR } : {};
}
