import type { CallOptions } from "./call_options.ts";

/** What a host has of a processor, of memory and of disks, and how disks are filled. */
export interface HostMachine {
  /** What it may use, and uses now. */
  resources(options?: CallOptions): Promise<MachineResources>;
  /** Keeps processors busy, to find out how much of them it gets. */
  keepBusy(work: BusyWork, options?: CallOptions): Promise<CpuUse>;
  /** The file system of a folder. Rejects as `stat` does. Linux only. */
  fileSystem(path: string, options?: CallOptions): Promise<FileSystem>;
  /**
   * Takes all room of the file system of a folder but `leave` bytes, until it is disposed of or the host is
   * gone, by a file that has no name. Rejects, and takes none, when it cannot.
   */
  fillDisk(path: string, options: FillOptions): Promise<FilledDisk>;
}

/** What a host may use, and uses now; `null` is what it has no limit of, or does not tell. */
export interface MachineResources {
  /** Processors that it may run on. */
  readonly processors: number;
  /** How many processors' time it gets, as in `0.5`. */
  readonly cpuLimit: number | null;
  /** Bytes of memory of the machine. */
  readonly memory: number;
  /** Bytes of memory that could be used now, by whatever runs on the machine. */
  readonly memoryAvailable: number;
  /** Bytes that it gets. */
  readonly memoryLimit: number | null;
  /** Bytes that it uses, without what the kernel keeps of files and can give up. */
  readonly memoryUsed: number | null;
}

/** How processors are kept busy. */
export interface BusyWork {
  /** How many at the same time: 1 to {@linkcode MAX_BUSY}. */
  readonly processors: number;
  /** Milliseconds: 1 to 10,000. */
  readonly duration: number;
}

/** Processors that can be kept busy at the same time. */
export const MAX_BUSY: number = 24;

/** How much of the processors a host got, with all that runs on it. */
export interface CpuUse {
  /** Milliseconds that passed. */
  readonly elapsed: number;
  /** Milliseconds of processors' time; `null` if the host does not tell. */
  readonly used: number | null;
  /** How often a limit has stopped it meanwhile; `null` if the host does not tell. */
  readonly throttled: number | null;
}

/** A file system, as one of its folders shows it. */
export interface FileSystem {
  /** Where it is mounted. */
  readonly mountPoint: string;
  /** As in `"ext4"`. */
  readonly type: string;
  /** What is mounted: a device, a server's name, or what the type makes of it. */
  readonly source: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes that the host can still write. */
  readonly free: number;
}

/** How a disk is filled. */
export interface FillOptions extends CallOptions {
  /** Bytes that stay free. */
  readonly leave: number;
}

/** A file system that is full. Disposing gives its room back. */
export interface FilledDisk extends AsyncDisposable {
  /** Takes what others have freed meanwhile. */
  refill(): Promise<void>;
  /** Writes until there is no room left, or some more than was to be left, and removes that again. */
  probe(): Promise<DiskProbe>;
  /** Resolves, once, to why it has ended without being disposed of: with its host, say. */
  readonly lost: Promise<Error>;
}

/** What could be written to a disk. */
export interface DiskProbe {
  /** Bytes. */
  readonly written: number;
  /** Whether the file system refused more for want of room (`ENOSPC`). */
  readonly isFull: boolean;
}
