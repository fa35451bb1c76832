import type { Engine } from "./engine/engine.ts";
import { orMissing } from "./engine/engine_error.ts";

/** What is asked of an engine about the container of this program. */
interface ContainerNetworks {
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress?: string }>>;
  };
}

/** The mount by which an engine gives a container its name: the path has the container's id. */
const HOSTNAME_MOUNT = /\/([0-9a-f]{64})\/(?:userdata\/)?hostname \/etc\/hostname /;

/**
 * The networks of the container that this program runs in, with an address of its own in each; none if
 * it runs in no container of this engine's. CI systems run jobs so, with the engine's socket mounted.
 */
export async function networksOfThisContainer(
  engine: Engine,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const id = await thisContainer();
  if (id === undefined) return [];
  const found = await orMissing(engine.call<ContainerNetworks>({
    what: "look for the container that this program runs in",
    method: "GET",
    path: `/containers/${id}/json`,
    signal,
  }));
  const networks = Object.entries(found?.NetworkSettings.Networks ?? {});
  return networks.filter(([, { IPAddress }]) => IPAddress).map(([name]) => name);
}

/** The id of the container that this program runs in, if it runs in one. */
async function thisContainer(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  return HOSTNAME_MOUNT.exec(await Deno.readTextFile("/proc/self/mountinfo"))?.[1];
}
