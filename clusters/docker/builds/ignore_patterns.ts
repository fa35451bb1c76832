import type { TreeFilter } from "../../../agent/host/tree_walk.ts";

/** A line of a `.dockerignore`. */
interface IgnorePattern {
  readonly expression: RegExp;
  /** Whether it takes back what lines before it ignore. */
  readonly isException: boolean;
}

/**
 * What a `.dockerignore` leaves out of a context, as the Docker command line takes it: the last line
 * that matches a name, or a folder above it, decides. Throws when a line is no pattern.
 */
export class IgnorePatterns implements TreeFilter {
  readonly #patterns: readonly IgnorePattern[];
  readonly #kept: ReadonlySet<string>;

  /** `kept` is included whatever the lines say. */
  constructor(text: string, kept: readonly string[] = []) {
    this.#patterns = text.replace(/^\ufeff/, "").split("\n").flatMap((line) =>
      parseLine(line) ?? []
    );
    this.#kept = new Set(kept);
  }

  includes(name: string): boolean {
    if (this.#kept.has(name)) return true;
    const parts = name.split("/");
    const names = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
    let isIgnored = false;
    for (const { expression, isException } of this.#patterns) {
      if (isException !== isIgnored) continue;
      if (names.some((each) => expression.test(each))) isIgnored = !isException;
    }
    return !isIgnored;
  }

  mayInclude(folder: string): boolean {
    return this.#patterns.some(({ isException }) => isException) ||
      [...this.#kept].some((name) => name.startsWith(`${folder}/`));
  }
}

function parseLine(line: string): IgnorePattern | undefined {
  const text = line.trim();
  if (text === "" || line.startsWith("#")) return undefined;
  const isException = text.startsWith("!");
  const pattern = isException ? text.slice(1).trim() : text;
  if (pattern === "") throw unreadable(text);
  return { expression: expressionOf(cleaned(pattern)), isException };
}

/** Without what leads nowhere, as of `/a//./b/../c/`; `.` is the context itself, which is no name. */
function cleaned(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/") || ".";
}

/** `*` and `?` stop at slashes, `**` does not; `[a-z]` and `[^a]` are sets, and `\` takes the next as it is. */
function expressionOf(pattern: string): RegExp {
  let expression = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (pattern.startsWith("**", at)) {
      at += pattern[at + 2] === "/" ? 2 : 1;
      expression += at + 1 === pattern.length ? ".*" : "(?:.*/)?";
    } else if (character === "*") expression += "[^/]*";
    else if (character === "?") expression += "[^/]";
    else if (character === "\\") expression += escaped(pattern[++at] ?? "\\");
    else if (character === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) throw unreadable(pattern);
      expression += pattern.slice(at, end + 1);
      at = end;
    } else expression += escaped(character);
  }
  try {
    return new RegExp(`^${expression}$`, "su");
  } catch {
    throw unreadable(pattern);
  }
}

function unreadable(pattern: string): TypeError {
  return new TypeError(`Cannot read .dockerignore: "${pattern}" is no pattern`);
}

function escaped(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
