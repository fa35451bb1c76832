/**
 * `Deno.FileInfo` as JSON: its dates are numbers.
 *
 * @module
 */
import { anything, dictionary } from "./shape.ts";

const DATES = ["mtime", "atime", "birthtime", "ctime"] as const;

/** What JSON says of a file: dates are milliseconds since the epoch. */
export function encodeFileInfo(info: Deno.FileInfo): Record<string, unknown> {
  const dates = DATES.map((name) => [name, info[name]?.getTime() ?? null]);
  return { ...info, ...Object.fromEntries(dates) };
}

/** The information that was encoded. */
export function decodeFileInfo(value: unknown): Deno.FileInfo {
  const info = dictionary(anything())(value, "the file's information");
  const dates = DATES.map((name) => {
    const time = info[name];
    return [name, typeof time === "number" ? new Date(time) : null];
  });
  return { ...info, ...Object.fromEntries(dates) };
}
