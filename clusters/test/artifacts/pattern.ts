/** A part of a pattern, between two slashes. */
export type PatternPart =
  /** A name as it is. */
  | { readonly kind: "name"; readonly name: string }
  /** Any name that matches. */
  | { readonly kind: "match"; readonly expression: RegExp }
  /** Folders of any depth, none included. */
  | { readonly kind: "folders" };

/** Which files of a node are meant. */
export interface PathPattern {
  /** As its author wrote it. */
  readonly text: string;
  /** Whether it begins at the node's root, and not at its `rootDir`. */
  readonly isAbsolute: boolean;
  readonly parts: readonly PatternPart[];
}

/** Characters that expressions know, and patterns do not. */
const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/** Reads a pattern. @throws {TypeError} */
export function parsePattern(text: unknown): PathPattern {
  if (typeof text !== "string" || text === "" || text.includes("\0")) {
    throw new TypeError(
      `Cannot collect artifacts: a pattern is a path such as "data/*.log", not ${
        Deno.inspect(text)
      }`,
    );
  }
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) {
    throw new TypeError(
      `Cannot collect artifacts: "${text}" leaves the node's rootDir; what is elsewhere has an absolute path`,
    );
  }
  const parts = names.map((name) => parsePart(name, text));
  return { text, isAbsolute: text.startsWith("/"), parts };
}

function parsePart(part: string, pattern: string): PatternPart {
  if (part === "**") return { kind: "folders" };
  if (!/[*?[\]{}\\]/.test(part)) return { kind: "name", name: part };
  try {
    return { kind: "match", expression: new RegExp(`^${expressionOf(part)}$`, "su") };
  } catch {
    throw new TypeError(
      `Cannot collect artifacts: "${pattern}" has a "[" or "{" without its end; ` +
        'put a backslash before it where it stands for itself: "\\\\["',
    );
  }
}

/** What a part of a pattern is as a regular expression. */
function expressionOf(part: string): string {
  let depth = 0;
  const pieces = part.match(/\\.|\[[!^]?\]?[^\]]*\]|[^]/gu) ?? [];
  const expression = pieces.map((piece) => {
    if (piece === "*") return ".*";
    if (piece === "?") return ".";
    if (piece === "{") return depth++, "(?:";
    if (piece === "}" && depth > 0) return depth--, ")";
    if (piece === "," && depth > 0) return "|";
    if (piece.length > 2 && piece.startsWith("[")) return characterClass(piece);
    if (piece === "[") return "["; // Without its end: no expression.
    return (piece.length > 1 ? piece.slice(1) : piece).replace(SPECIAL, "\\$&");
  });
  return expression.join("");
}

/** One of some characters: `[a-z]`, or with `!` or `^` none of them. */
function characterClass(piece: string): string {
  const [, not = "", characters = ""] = /^\[([!^]?)([^]*)\]$/u.exec(piece) ?? [];
  return `[${not === "" ? "" : "^"}${characters.replaceAll(/[\\[\]^&]/g, "\\$&")}]`;
}
