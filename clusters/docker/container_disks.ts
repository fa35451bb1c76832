import type { CallOptions, FileSystem } from "../../agent/host/host.ts";
import type { FullDisk } from "../kit/mod.ts";
import type { Container } from "./container.ts";

/** Where an engine mounts memory that processes share. */
const SHARED_MEMORY = "/dev/shm";

/** File systems that show what the kernel knows, and store nothing. */
const PSEUDO: readonly string[] = ["proc", "sysfs", "cgroup", "cgroup2"];

/** Knows which file systems the container of a node has alone: those in memory. */
export class ContainerDisks implements FullDisk {
  readonly remedy =
    'Give the node a file system of its own there, as by docker({ tmpfs: { "/data": "size=64m" } })';
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
  }

  async sharedWhy(
    { mountPoint, type }: FileSystem,
    { signal }: CallOptions,
  ): Promise<string | undefined> {
    const inspection = await this.#container.inspect(signal);
    if (!inspection) return "its container is gone";
    const { HostConfig: { Tmpfs, IpcMode }, Mounts } = inspection;
    const mount = Mounts.find(({ Destination }) => normal(Destination) === mountPoint);
    if (mount?.Type === "volume") return await this.#volumeSharedWhy(mount.Name!, signal);
    if (mount && mount.Type !== "tmpfs") return "it is a folder of the engine's machine";
    const isOwn = mount !== undefined ||
      Object.keys(Tmpfs ?? {}).map(normal).includes(mountPoint) ||
      (mountPoint === SHARED_MEMORY && IpcMode === "private");
    if (isOwn && type === "tmpfs") return undefined;
    if (PSEUDO.includes(type)) return `it is ${type}, which has no room that could be full`;
    return "it is on the disk of the engine's machine, which all containers fill together";
  }

  async #volumeSharedWhy(name: string, signal?: AbortSignal): Promise<string | undefined> {
    const volume = await this.#container.volume(name, signal);
    if (volume?.options.type !== "tmpfs") {
      return `its volume "${name}" is on a disk of the engine's machine`;
    }
    return volume.containers > 1 ? `other containers have its volume "${name}" as well` : undefined;
  }
}

function normal(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}
