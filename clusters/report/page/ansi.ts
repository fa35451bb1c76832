// deno-lint-ignore-file no-control-regex -- it is about control characters
/// <reference lib="dom" />
import { element } from "./dom.ts";

/** What a terminal would take for a command: colours and other attributes among them. */
const SEQUENCE = /\x1b\[([0-9;:]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]?/g;

/** What would be invisible, or turn the order of a text round. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** How text is shown from some place on. */
interface Look {
  readonly classes: ReadonlySet<string>;
  readonly colour?: string | undefined;
  readonly ground?: string | undefined;
}

const PLAIN: Look = { classes: new Set() };

/** Attributes that a number switches on, and those that another one switches off. */
const ON: Readonly<Record<number, string>> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
};
const OFF: Readonly<Record<number, readonly string[]>> = {
  ...{ 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"] },
};

/** A line as a terminal would colour it; nothing else of what it would obey has an effect. */
export function ansiText(line: string): Node[] {
  const nodes: Node[] = [];
  let look = PLAIN;
  let place = 0;
  const text = line.replace(/\r$/, "");
  for (const match of text.matchAll(SEQUENCE)) {
    nodes.push(...styled(text.slice(place, match.index), look));
    place = match.index + match[0].length;
    if (match[2] === "m") look = changed(look, match[1] ?? "");
  }
  return [...nodes, ...styled(text.slice(place), look)];
}

/** Without any of that, for searching. */
export function plainOf(line: string): string {
  return line.includes("\x1b") ? line.replaceAll(SEQUENCE, "") : line;
}

/** How many columns a line takes at most, as it is shown. */
export function shownColumns(line: string): number {
  if (/^[ -~]*$/.test(line)) return line.length;
  const plain = plainOf(line).replaceAll(CONTROLS, (each) => shownControl(each));
  // A tabulator goes to the next multiple of eight, and letters beyond a plane of Latin may be two wide.
  return plain.replaceAll("\t", " ".repeat(8)).replaceAll(/[\u1100-\uffff]/g, "  ").length;
}

function shownControl(each: string): string {
  return `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function styled(text: string, { classes, colour, ground }: Look): Node[] {
  if (text === "") return [];
  const shown = text.replaceAll(CONTROLS, shownControl);
  if (classes.size === 0 && !colour && !ground) return [document.createTextNode(shown)];
  const made = element("span", { class: [...classes].join(" ") }, shown);
  if (colour) made.style.color = colour;
  if (ground) made.style.backgroundColor = ground;
  return [made];
}

function changed(look: Look, parameters: string): Look {
  const numbers = parameters.split(/[;:]/).map(Number);
  let result = look;
  while (numbers.length > 0) result = step(result, numbers);
  return result;
}

/** Takes as many of the numbers as belong together. */
function step(look: Look, numbers: number[]): Look {
  const code = numbers.shift() ?? 0;
  const { classes } = look;
  if (code === 0) return PLAIN;
  if (ON[code]) return { ...look, classes: new Set([...classes, ON[code]]) };
  if (OFF[code]) return { ...look, classes: classes.difference(new Set(OFF[code])) };
  const tens = Math.floor(code / 10);
  if (tens === 3 || tens === 9) {
    return { ...look, ...coloured(code, { look, numbers, prefix: "fg", key: "colour" }) };
  }
  if (tens === 4 || tens === 10) {
    return { ...look, ...coloured(code, { look, numbers, prefix: "on", key: "ground" }) };
  }
  return look;
}

/** The colour that a code chooses: one of 16 has a class, others are given by further numbers. */
function coloured(
  code: number,
  { look, numbers, prefix, key }: {
    readonly look: Look;
    readonly numbers: number[];
    readonly prefix: "fg" | "on";
    readonly key: "colour" | "ground";
  },
): Partial<Look> {
  const others = [...look.classes].filter((name) => !name.startsWith(prefix));
  const digit = code % 10;
  if (code < 90 && digit === 8) return { classes: new Set(others), [key]: longColour(numbers) };
  if (digit > 7) return { classes: new Set(others), [key]: undefined };
  const index = digit + (code >= 90 ? 8 : 0);
  return { classes: new Set([...others, `${prefix}${index}`]), [key]: undefined };
}

/** One of 256 colours, or one of three numbers. */
function longColour(numbers: number[]): string | undefined {
  const kind = numbers.shift();
  if (kind === 2) return rgb(numbers.splice(0, 3));
  if (kind !== 5) return undefined;
  const index = Math.min(255, numbers.shift() ?? 0);
  if (index < 16) return `var(--ansi-${index})`;
  if (index >= 232) return rgb(Array(3).fill(8 + (index - 232) * 10));
  const levels = [0, 95, 135, 175, 215, 255];
  const cube = index - 16;
  return rgb([cube / 36, cube / 6 % 6, cube % 6].map((level) => levels[Math.floor(level)]!));
}

function rgb(levels: readonly number[]): string {
  const [red, green, blue] = [0, 1, 2].map((i) => Math.min(255, Math.trunc(levels[i] || 0)));
  return `rgb(${red}, ${green}, ${blue})`;
}
