/** How much of what processes write is recorded. */
export interface OutputLimits {
  /**
   * Bytes of each process, half of them for each output. Of a longer output the beginning and the end are
   * kept. @default 8388608, which is 8 MiB
   */
  readonly size?: number | undefined;
  /**
   * Bytes per second of each process. Of one that writes faster, parts are left out. @default 1048576, which
   * is 1 MiB
   */
  readonly rate?: number | undefined;
}

/** Bytes of each process, unless a test says otherwise. */
const DEFAULT_SIZE = 8 * 1024 * 1024;

/** Bytes per second of each process, unless a test says otherwise. */
const DEFAULT_RATE = 1024 * 1024;

/** The limits that are meant. @throws {RangeError} */
export function checkedLimits(
  { size = DEFAULT_SIZE, rate = DEFAULT_RATE }: OutputLimits = {},
): Required<OutputLimits> {
  checkByteCount("recordedOutput.size", size);
  checkByteCount("recordedOutput.rate", rate);
  return { size, rate };
}

function checkByteCount(name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) > 0) return;
  throw new RangeError(`${name} must be a whole number of bytes above 0, not ${value}`);
}
