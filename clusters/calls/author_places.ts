import { fileURLToPath } from "node:url";

/** The file, line and column in a frame of a stack. */
const FRAME = /^\s*at (?:.* \(|async )?((?:[a-z]+:\/\/)?\/[^()]*):(\d+):(\d+)\)?$/;

/** Where the package's own code is. Its tests count as an author's code. */
const PACKAGE_URLS = ["../../agent/", "../../clusters/"].map((path) =>
  new URL(path, import.meta.url).href
);

/**
 * The lines of the author's code that are in a stack, as `/tests/a_test.ts:70:5`, the innermost one first:
 * those that are neither of this package nor of another one.
 */
export function authorPlaces(stack: string, message: unknown = ""): string[] {
  return framesOf(stack, message).flatMap(placeOf);
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
  return /_test\.[a-z]+$/.test(url) || !PACKAGE_URLS.some((ours) => url.startsWith(ours));
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url; // An error may have any stack.
  }
}
