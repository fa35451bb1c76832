/** What an option may be. `undefined` stands for its default, and is always in order. */
export interface OptionKind {
  /** Completes "… must be …". */
  readonly description: string;
  /** Whether a value is of this kind. */
  is(value: unknown): boolean;
}

/** A kind for every option that an object of options may have. */
export type OptionKinds<O> = { readonly [name in keyof Required<O>]: OptionKind };

/** Whatever its own check lets pass. */
export const anything: OptionKind = { description: "", is: () => true };

/** A text. */
export const text: OptionKind = {
  description: "a string",
  is: (value) => typeof value === "string",
};

/** Yes or no. */
export const flag: OptionKind = {
  description: "true or false",
  is: (value) => typeof value === "boolean",
};

/** A number of something; its bounds are a matter of their own. */
export function number(unit?: string): OptionKind {
  const description = unit === undefined ? "a number" : `a number of ${unit}`;
  return { description, is: (value) => typeof value === "number" };
}

/** A function. */
export const callback: OptionKind = {
  description: "a function",
  is: (value) => typeof value === "function",
};

/** A signal, of any realm. */
export const signal: OptionKind = {
  description: "an AbortSignal",
  is: (value) => value instanceof AbortSignal,
};

/** An object with entries of its own. */
export const table: OptionKind = {
  description: "an object",
  is: (value) => typeof value === "object" && value !== null && !(Symbol.iterator in value),
};

/** A list. */
export const list: OptionKind = { description: "a list", is: Array.isArray };

/** One of these. */
export function oneOf(...values: readonly unknown[]): OptionKind {
  const description = values.map((value) => Deno.inspect(value)).join(" or ");
  return { description, is: (value) => values.includes(value) };
}

/** Of one of these kinds. */
export function either(...kinds: readonly OptionKind[]): OptionKind {
  return {
    description: kinds.map(({ description }) => description).join(", or "),
    is: (value) => kinds.some((kind) => kind.is(value)),
  };
}
