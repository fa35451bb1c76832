// deno-lint-ignore-file no-control-regex -- it is about control characters

/** Colours and other attributes, which harm no terminal. */
const ATTRIBUTES = /\x1b\[[\d;:]*m/g;

/** What a terminal would obey, and the marks by which the order of a text is turned round. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** What follows the colours of a line, so that they end with it. */
const RESET = "\x1b[0m";

/**
 * A line of a process as it may be shown on a terminal: with its colours if `colours`, and otherwise
 * no character that the terminal would obey.
 */
export function plainLine(text: string, { colours }: { colours: boolean }): string {
  const line = text.replace(/\r$/, "");
  const parts = line.split(ATTRIBUTES).map((part) => part.replace(CONTROLS, escaped));
  if (!colours) return parts.join("");
  const attributes = line.match(ATTRIBUTES) ?? [];
  const coloured = parts.map((part, i) => `${part}${attributes[i] ?? ""}`).join("");
  return attributes.length === 0 ? coloured : `${coloured}${RESET}`;
}

/** A text on one line, without anything that a terminal would obey. */
export function plainText(text: string): string {
  return plainLine(text.replaceAll(/\s*\n\s*/g, " "), { colours: false });
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${hexOf(code, 2)}` : `\\u${hexOf(code, 4)}`;
}

function hexOf(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
