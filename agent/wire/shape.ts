/**
 * Strict checks of what came from outside: each shape returns the value, typed, or throws a
 * `TypeError` that says which part of it is wrong.
 *
 * @module
 */
import { MAX_PATH } from "./protocol.ts";

/** Returns `value` if it is a `T`; `name` says in errors what it is. */
export type Shape<T> = (value: unknown, name: string) => T;

/** What a shape lets pass. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

function wrong(name: string, expected: string): never {
  throw new TypeError(`Cannot accept the request: ${name} is not ${expected}`);
}

/** A string of at most `limit` characters. */
export function text(limit: number = MAX_PATH): Shape<string> {
  return (value, name) =>
    typeof value === "string" && value.length <= limit
      ? value
      : wrong(name, `a string of at most ${limit} characters`);
}

/** A whole number within bounds, which are included. */
export function integer(lowest = 0, highest: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, name) =>
    Number.isSafeInteger(value) && Number(value) >= lowest && Number(value) <= highest
      ? Number(value)
      : wrong(name, `an integer between ${lowest} and ${highest}`);
}

/** Any finite number. */
export function number(): Shape<number> {
  return (value, name) => Number.isFinite(value) ? Number(value) : wrong(name, "a number");
}

/** `true` or `false`. */
export function flag(): Shape<boolean> {
  return (value, name) => typeof value === "boolean" ? value : wrong(name, "a boolean");
}

/** Anything. What takes it has to check it. */
export function anything(): Shape<unknown> {
  return (value) => value;
}

/** One of these values. */
export function oneOf<const T extends string | number | boolean | null>(
  ...values: readonly T[]
): Shape<T> {
  const known: ReadonlySet<unknown> = new Set(values);
  return (value, name) =>
    known.has(value) ? value as T : wrong(name, `one of ${JSON.stringify(values)}`);
}

/** May be absent. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, name) => value === undefined ? undefined : shape(value, name);
}

/** May be `null`. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, name) => value === null ? null : shape(value, name);
}

/** The first of these shapes that fits. */
export function either<A, B>(first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return (value, name) => {
    try {
      return first(value, name);
    } catch {
      return second(value, name);
    }
  };
}

/** An array of at most `limit` elements. */
export function list<T>(shape: Shape<T>, limit: number): Shape<T[]> {
  return (value, name) => {
    if (!Array.isArray(value) || value.length > limit) {
      wrong(name, `an array of at most ${limit} elements`);
    }
    return value.map((element, index) => shape(element, `${name}[${index}]`));
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with these members and no other ones. */
export function record<S extends Readonly<Record<string, Shape<unknown>>>>(
  shapes: S,
): Shape<{ [K in keyof S]: Shaped<S[K]> }> {
  const members = Object.entries(shapes);
  return (value, name) => {
    if (!isObject(value)) wrong(name, "an object");
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(shapes, key)) wrong(`${name}.${key.slice(0, 40)}`, "known");
    }
    const result: Record<string, unknown> = {};
    for (const [key, shape] of members) {
      const member = shape(value[key], `${name}.${key}`);
      if (member !== undefined) result[key] = member;
    }
    return result as { [K in keyof S]: Shaped<S[K]> };
  };
}

/** An object with any names, whose members all have this shape. */
export function dictionary<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return (value, name) => {
    if (!isObject(value)) wrong(name, "an object");
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, shape(member, `${name}.${key}`)]),
    );
  };
}
