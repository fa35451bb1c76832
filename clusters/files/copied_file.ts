/** Bytes of which a file's `blocks` are. */
const DISK_BLOCK = 512;

/** Those bits of a mode that the mask has; `undefined` where a system has no modes. */
export function permissionsOf({ mode }: Deno.FileInfo, mask: number): number | undefined {
  return mode === null ? undefined : mode & mask;
}

/** How the copy of a file is written. */
export function copyOf({ blocks, size }: Deno.FileInfo): { copy: true; sparse: boolean } {
  return { copy: true, sparse: blocks !== null && blocks * DISK_BLOCK < size };
}
