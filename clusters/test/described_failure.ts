import type { SourceExcerpt, TestFailure } from "../record/mod.ts";
import { framesOf } from "../calls/mod.ts";
import { isError } from "../../agent/thrown_text.ts";
import { authorPlace } from "./author_place.ts";
import { partsOf } from "./consequence.ts";
import { sourceExcerpt } from "./source_excerpt.ts";

/** Causes of causes that are described. */
const MAX_DEPTH = 4;

/** Errors that are described for one failure, itself and all its causes. */
const MAX_ERRORS = 16;

/** Characters of a message. */
const MAX_MESSAGE = 8 * 1024;

/** Characters of the frames of a stack. */
const MAX_STACK = 8 * 1024;

/**
 * What failed, as the record keeps it: with its stack, its causes, and the author's code that led to it.
 * `file` is that of the test. Never throws, whatever was thrown.
 */
export function describeFailure(thrown: unknown, file?: string): TestFailure {
  return new Description(file).of(thrown, 0) ?? { name: "", message: "" };
}

/** Describes one failure, and each error in it once. */
class Description {
  readonly #file: string | undefined;
  readonly #described = new Set<unknown>();

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** `undefined` where it was described before, or enough was. */
  of(thrown: unknown, depth: number): TestFailure | undefined {
    if (this.#described.has(thrown) || this.#described.size >= MAX_ERRORS) return undefined;
    this.#described.add(thrown);
    try {
      return isError(thrown) ? this.#ofError(thrown, depth) : {
        name: "",
        message: cut(Deno.inspect(thrown), MAX_MESSAGE),
      };
    } catch (error) {
      // Its properties may be getters that throw.
      return { name: "", message: `What was thrown cannot be described: ${inspected(error)}` };
    }
  }

  #ofError(error: Error, depth: number): TestFailure {
    const { name, message, stack, cause } = error;
    const inner = depth >= MAX_DEPTH
      ? []
      : [...cause === undefined ? [] : [cause], ...partsOf(error)];
    const causes = inner.flatMap((each) => this.of(each, depth + 1) ?? []);
    const frames = typeof stack === "string" ? framesText(stack, message) : "";
    const source = this.#sourceOf(error);
    return {
      name: cut(String(name), MAX_MESSAGE),
      message: cut(String(message), MAX_MESSAGE),
      ...frames !== "" && { stack: cut(frames, MAX_STACK) },
      ...source && { source },
      ...causes.length > 0 && { causes },
    };
  }

  #sourceOf(error: Error): SourceExcerpt | undefined {
    try {
      const place = authorPlace([error], this.#file);
      return place === undefined ? undefined : sourceExcerpt(place);
    } catch {
      return undefined; // A cause of it has getters that throw.
    }
  }
}

function framesText(stack: string, message: string): string {
  return framesOf(stack, message).filter((line) => /^\s+at /.test(line)).join("\n");
}

function inspected(value: unknown): string {
  try {
    return cut(Deno.inspect(value), MAX_MESSAGE);
  } catch {
    return "and why cannot be told";
  }
}

function cut(text: string, size: number): string {
  return text.length > size ? `${text.slice(0, size)}…` : text;
}
