import type { FileSystem } from "../../agent/host/host.ts";
import type { FullDisk } from "../kit/mod.ts";

/** Types of file systems that are on a disk, which only one machine uses at a time. */
const ON_DISK: readonly string[] = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"];

/** The type of those in memory that have a size. */
const IN_MEMORY = "tmpfs";

/** Knows which file systems a machine has alone: those on its disks, and in its memory. */
export class MachineDisks implements FullDisk {
  readonly remedy =
    "Name a folder on one of the machine's own disks, or in its memory, such as /dev/shm";

  sharedWhy({ type, source, size }: FileSystem): Promise<string | undefined> {
    return Promise.resolve(this.#sharedWhy({ type, source, size }));
  }

  #sharedWhy({ type, source, size }: Omit<FileSystem, "mountPoint" | "free">): string | undefined {
    if (size === 0) return `nothing can be stored in its file system, which is of type "${type}"`;
    if (type === IN_MEMORY) return undefined;
    if (ON_DISK.includes(type) && source.startsWith("/dev/")) return undefined;
    return `others may have its file system "${source}" as well, which is of type "${type}"`;
  }
}
