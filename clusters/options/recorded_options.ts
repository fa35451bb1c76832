import { withoutCredentials } from "./without_credentials.ts";

/** What a record has of a value: JSON. */
export type RecordedValue =
  | boolean
  | null
  | number
  | string
  | readonly RecordedValue[]
  | { readonly [name: string]: RecordedValue };

/** Options as a record has them: without secrets. */
export type RecordedOptions = Readonly<Record<string, RecordedValue>>;

/** Stands for what is secret. */
const SECRET = "[redacted]";

/** Stands for what is too long, or too deep. */
const CUT = "…";

/** Characters of a text that are kept. */
const MAX_TEXT = 1_000;

/** Values within options that are kept, in all. */
const MAX_VALUES = 500;

/** How deep options are followed; what contains itself has no end. */
const MAX_DEPTH = 8;

/** Tables of values that may be secrets, by names that are none: the environment, arguments of a build. */
const TABLES_OF_SECRETS: ReadonlySet<string> = new Set(["env", "environment", "args", "buildArgs"]);

/** What an option with secrets is called, whatever it is. */
const SECRET_NAME = /credentials?$/i;

/** What an option is called whose text is secret; `imagePullSecrets`, which are names, is another one. */
const SECRET_TEXT_NAME =
  /(passw(or)?d|passphrase|secret|token|api_?key|private_?key|access_?key)$/i;

/**
 * Options as they may be recorded, whoever has made them: of tables such as `env` the names, of functions
 * that there is one; credentials are redacted, as are names and passwords in URLs. What is undefined is
 * left out, and what is long is cut.
 */
export function recordedOptions(options: object): RecordedOptions {
  return new OptionRecorder().table(options, 0);
}

/** Records options up to a number of values. */
class OptionRecorder {
  #left = MAX_VALUES;

  table(table: object, depth: number): RecordedOptions {
    const entries = Object.entries(table).filter(([, value]) => value !== undefined);
    const kept = entries.slice(0, this.#left);
    const recorded = kept.map(([name, value]) =>
      [this.#text(name), this.#option(name, value, depth)] as const
    );
    if (kept.length < entries.length) recorded.push([CUT, `${entries.length - kept.length} more`]);
    return Object.fromEntries(recorded);
  }

  #option(name: string, value: unknown, depth: number): RecordedValue {
    if (SECRET_NAME.test(name)) return SECRET;
    if (TABLES_OF_SECRETS.has(name)) {
      if (isTable(value)) return this.#list(Object.keys(value).sort(), depth);
      if (Array.isArray(value)) return this.#list(value.map(nameOfEntry), depth);
    }
    return SECRET_TEXT_NAME.test(name) && typeof value !== "object"
      ? SECRET
      : this.#value(value, depth);
  }

  #value(value: unknown, depth: number): RecordedValue {
    this.#left--;
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "boolean" || value === null || Number.isFinite(value)) {
      return value as boolean | null | number;
    }
    if (typeof value === "function") return this.#text(`[function ${value.name}]`);
    if (value instanceof URL) return this.#text(value.href);
    if (typeof value !== "object") return this.#text(String(value));
    if (depth >= MAX_DEPTH || this.#left <= 0) return CUT;
    if (Array.isArray(value)) return this.#list(value, depth + 1);
    return isTable(value) ? this.table(value, depth + 1) : `[${kindOf(value)}]`;
  }

  #list(list: readonly unknown[], depth: number): RecordedValue[] {
    const kept = list.slice(0, Math.max(0, this.#left));
    const recorded = kept.map((each) => this.#value(each, depth));
    return kept.length < list.length ? [...recorded, CUT] : recorded;
  }

  #text(text: string): string {
    const plain = withoutCredentials(text);
    return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT - 1)}${CUT}` : plain;
  }
}

/** Whether its entries are all that there is of it, as of an object that was written down. */
function isTable(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The name of a variable that is written as `NAME=value`. */
function nameOfEntry(entry: unknown): unknown {
  return typeof entry === "string" ? entry.replace(/=.*/s, "") : entry;
}

function kindOf(value: object): string {
  return value.constructor?.name || "object";
}
