/** No file descriptors left in the process, or in the whole system. */
const SHORTAGES: readonly unknown[] = ["EMFILE", "ENFILE"];

/**
 * Throws `error` again if it tells of a shortage of file descriptors. Such a failure says nothing
 * about what was looked for: that would be taken for absent.
 */
export function throwIfShortage(error: unknown): void {
  if (error instanceof Error && "code" in error && SHORTAGES.includes(error.code)) throw error;
}
