import { fileURLToPath } from "node:url";

/** Where a frame of a stack says that it is: its file, line and column. */
const FRAME = /^\s*at (?:.* \(|async )?((?:[a-z]+:\/\/)?\/[^()]*):(\d+):(\d+)\)?$/;

/** The package's own code, which no author has written; its tests are theirs. */
const OURS = ["../../agent/", "../../clusters/"].map((path) => new URL(path, import.meta.url).href);

/** Causes of causes that are looked at. */
const MAX_CAUSES = 8;

/**
 * Where the author's code is that led to the first of the failures that tells, as `/tests/a_test.ts:70:5`:
 * its innermost line in the file of the test, or else in any other file that is neither of this package
 * nor of another one. `undefined` if no failure tells.
 */
export function authorPlace(failures: readonly unknown[], file?: string): string | undefined {
  const places = failures.flatMap(placesOf);
  return places.find((place) => file !== undefined && place.startsWith(`${file}:`)) ?? places[0];
}

/** Of an error, and then of its causes. */
function placesOf(failure: unknown): string[] {
  const places: string[] = [];
  for (let each = failure, depth = 0; depth < MAX_CAUSES; depth++) {
    const { stack, message, cause } = (each ?? {}) as Partial<Error>;
    if (typeof stack === "string") places.push(...framesOf(stack, message).flatMap(placeOf));
    if (cause === undefined) break;
    each = cause;
  }
  return places;
}

/** The lines of a stack without its message, which may quote the stack of a process. */
export function framesOf(stack: string, message: unknown): string[] {
  return stack.replace(String(message), () => "").split("\n");
}

function placeOf(frame: string): string[] {
  const [, file = "", line, column] = FRAME.exec(frame) ?? [];
  const url = file.startsWith("/") ? `file://${file}` : file;
  if (url === "" || !isOfAuthor(url)) return [];
  return [`${url.startsWith("file:") ? pathOf(url) : url}:${line}:${column}`];
}

function isOfAuthor(url: string): boolean {
  if (url.includes("/node_modules/") || !/^(file|https?):/.test(url)) return false;
  return /_test\.[a-z]+$/.test(url) || !OURS.some((ours) => url.startsWith(ours));
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url; // An error may have any stack.
  }
}
