import { plainLine } from "../events/mod.ts";

/** A piece of HTML, as opposed to text that is not escaped yet. Only this module makes it of strings. */
export class Html {
  /** The markup. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template may hold: text is escaped, and nothing stands for nothing. */
type Value = string | number | Html | readonly Html[] | undefined;

/**
 * HTML from a template. Texts in it are escaped, whoever wrote them; what a terminal would obey, and the
 * marks that turn the order of a text round, are shown as text.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const rest = values.map((value, i) => `${markupOf(value)}${parts[i + 1]}`).join("");
  return new Html(`${parts[0]}${rest}`);
}

function markupOf(value: Value): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(markupOf).join("");
  return value === undefined ? "" : escaped(String(value));
}

function escaped(text: string): string {
  const plain = text.split("\n").map((line) => plainLine(line, { colours: false })).join("\n");
  return plain.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
