/** How bad a line says that it is. */
export type LineLevel = "error" | "warning";

/** Characters of a line in which its level is looked for: behind them is what it is about. */
const MAX_BEGINNING = 200;

/** A level as a field, as in `level=warn` and `"severity": "ERROR"`. */
const FIELD = /\b(?:level|lvl|severity)"?\s*[=:]\s*"?([a-z]+)/i;

const NAMES =
  "trace debug info notice warn warning error severe crit critical alert emerg fatal panic"
    .split(" ");

/** A level as a word in capital letters, or in brackets, as in `WARN:`, `[error]` and `[Warning]`. */
const WORD = new RegExp(
  `(?<!\\w)(${NAMES.join("|").toUpperCase()})(?!\\w)|[[<](${
    NAMES.flatMap((name) => [name, `${name[0]!.toUpperCase()}${name.slice(1)}`]).join("|")
  })[\\]>]`,
);

/** A letter behind a time, as in etcd's `2026-11-29 23:34:43.1 W | raft: …`, or before one, as in `W1129 23:34:43.1`. */
const LETTER = /^\d{4}[-/]\d\d[-/]\d\d \S+ ([A-Z]) \| |^([IWEF])\d{4} \d\d:\d\d:/;

/** What begins with the name of what went wrong, as in `Error: …`, `TypeError: …` and `panic: …`. */
const NAME = /^\s*(?:\S+: )?(warning|fatal(?: error)?|panic|(?:\w+\.)*\w*(?:error|exception))\b:/i;

const LEVELS: Readonly<Record<string, LineLevel>> = {
  ...{ w: "warning", warn: "warning", warning: "warning" },
  ...{ e: "error", c: "error", f: "error", err: "error", error: "error", severe: "error" },
  ...{ crit: "error", critical: "error", alert: "error", emerg: "error", fatal: "error" },
  ...{ panic: "error", dpanic: "error" },
};

/** How bad a line is, by the usual ways in which programs say so; `undefined` if it does not. */
export function levelOf(line: string): LineLevel | undefined {
  const beginning = line.slice(0, MAX_BEGINNING);
  const [, field] = FIELD.exec(beginning) ?? [];
  if (field !== undefined) return LEVELS[field.toLowerCase()];
  const [, behind, before] = LETTER.exec(beginning) ?? [];
  const letter = behind ?? before;
  if (letter !== undefined) return LEVELS[letter.toLowerCase()];
  const [, word, bracketed] = WORD.exec(beginning) ?? [];
  // The first one is that of the line: others are in what it tells.
  const named = word ?? bracketed;
  if (named !== undefined) return LEVELS[named.toLowerCase()];
  const [, name] = NAME.exec(beginning) ?? [];
  if (name === undefined) return undefined;
  return name.toLowerCase() === "warning" ? "warning" : "error";
}
