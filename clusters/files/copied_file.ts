/** Bytes of each of a file's `blocks`. */
const DISK_BLOCK = 512;

/** The bits of a file's mode that are in `mask`; `undefined` where a system has no modes. */
export function permissionsOf({ mode }: Deno.FileInfo, mask: number): number | undefined {
  return mode === null ? undefined : mode & mask;
}

/** How the copy of a file is written. */
export function copyOf({ blocks, size }: Deno.FileInfo): { copy: true; sparse: boolean } {
  return { copy: true, sparse: blocks !== null && blocks * DISK_BLOCK < size };
}
