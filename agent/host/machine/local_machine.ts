import { abortable } from "../abortable.ts";
import type {
  BusyWork,
  CallOptions,
  CpuUse,
  FileSystem,
  FilledDisk,
  FillOptions,
  HostMachine,
  MachineResources,
} from "../host.ts";
import type { HostPaths } from "../host_paths.ts";
import type { OpenResources } from "../open_resources.ts";

/**
 * What this machine, or the container which it is, has of processors, memory and disks. What it takes is
 * loaded when it is asked for: few agents are.
 */
export class LocalMachine implements HostMachine {
  readonly #paths: HostPaths;
  readonly #resources: OpenResources;

  constructor(paths: HostPaths, resources: OpenResources) {
    this.#paths = paths;
    this.#resources = resources;
  }

  /** What it may use, and uses now. */
  async resources({ signal }: CallOptions = {}): Promise<MachineResources> {
    const { machineResources } = await import("./machine_resources.ts");
    signal?.throwIfAborted();
    return machineResources();
  }

  /** Keeps processors busy. */
  keepBusy(work: BusyWork, { signal }: CallOptions = {}): Promise<CpuUse> {
    return this.#during(signal, async () => {
      const { keepBusy } = await import("./busy_processors.ts");
      return await keepBusy(work, signal);
    });
  }

  /** The file system of a folder. */
  fileSystem(path: string, { signal }: CallOptions = {}): Promise<FileSystem> {
    return this.#during(signal, async () => {
      const { findFileSystem } = await import("./file_system.ts");
      return await findFileSystem(await this.#folder(path));
    });
  }

  /** Takes the room of the file system of a folder. When it rejects, the room has been given back. */
  async fillDisk(path: string, { leave, signal }: FillOptions): Promise<FilledDisk> {
    signal?.throwIfAborted();
    return await this.#resources.during(async () => {
      const { DiskFill } = await import("./disk_fill.ts");
      const folder = await this.#folder(path);
      const onClosed = (closed: FilledDisk) => this.#resources.delete(closed);
      const fill = await DiskFill.open(folder, { leave, signal, onClosed });
      this.#resources.add(fill);
      return fill;
    });
  }

  async #folder(path: string): Promise<string> {
    return await Deno.realPath(this.#paths.resolve(path));
  }

  #during<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return abortable(signal, () => this.#resources.during(work));
  }
}
