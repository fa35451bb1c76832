/** The numbers of some errors on Linux. */
export const ErrorNumber = {
  EPERM: 1,
  ENOENT: 2,
  E2BIG: 7,
  ENOEXEC: 8,
  EACCES: 13,
  ENOTDIR: 20,
  EISDIR: 21,
} as const;

type Kind = new (message: string) => Error;

/** What is said of errors that a start may have, as by the C library, and what Deno makes of them. */
const KNOWN: Readonly<Record<number, readonly [string, Kind]>> = {
  1: ["Operation not permitted", Deno.errors.PermissionDenied],
  2: ["No such file or directory", Deno.errors.NotFound],
  5: ["Input/output error", Error],
  6: ["No such device or address", Error],
  7: ["Argument list too long", Error],
  8: ["Exec format error", Error],
  11: ["Resource temporarily unavailable", Deno.errors.WouldBlock],
  12: ["Cannot allocate memory", Error],
  13: ["Permission denied", Deno.errors.PermissionDenied],
  20: ["Not a directory", Deno.errors.NotADirectory],
  21: ["Is a directory", Deno.errors.IsADirectory],
  22: ["Invalid argument", Error],
  24: ["Too many open files", Error],
  26: ["Text file busy", Deno.errors.Busy],
  36: ["File name too long", Error],
  40: ["Too many levels of symbolic links", Deno.errors.FilesystemLoop],
  107: ["Transport endpoint is not connected", Deno.errors.NotConnected],
  116: ["Stale file handle", Error],
};

/** What is said of an error, with its number. */
export function describeError(number: number): string {
  const [text] = KNOWN[number] ?? [];
  return text === undefined ? `os error ${number}` : `${text} (os error ${number})`;
}

/** An error of the kind that Deno has for a number. */
export function systemError(number: number, message: string): Error {
  const [, kind = Error] = KNOWN[number] ?? [];
  return new kind(message);
}
