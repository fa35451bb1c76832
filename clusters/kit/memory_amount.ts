import { refuseOption } from "../options/mod.ts";

/** Bytes, or a number with a unit of 1024, as in `"512m"`. */
export type MemoryAmount = number | `${number}${"k" | "m" | "g"}`;

/** Below that, an agent is killed when much passes through it. */
const LEAST_MEMORY = 96 * 1024 * 1024;

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** The bytes that an amount of memory means. */
export function memoryBytes(memory: MemoryAmount): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([kmg]?)$/.exec(String(memory)) ?? [];
  if (digits === undefined) {
    refuseOption("memory", memory, 'bytes, or a number with "k", "m" or "g"');
  }
  const bytes = Math.round(Number(digits) * (UNITS[unit ?? ""] ?? 1));
  if (bytes >= LEAST_MEMORY) return bytes;
  throw new RangeError(`Cannot use ${JSON.stringify(memory)} as memory: 96m is the least`);
}

/** Bytes below which an agent is started so that it saves memory. */
const LITTLE_MEMORY = 256 * 1024 * 1024;

/** Whether that is so little that its agent has to save. */
export function isLittleMemory(memory: MemoryAmount | undefined): boolean {
  return memory !== undefined && memoryBytes(memory) < LITTLE_MEMORY;
}
