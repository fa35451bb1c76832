/**
 * How whatever was thrown is told: in events, in the record, in other errors. Nothing here throws, although
 * properties of what was thrown may be getters that do.
 *
 * @module
 */
import { attempt } from "./host/attempt.ts";

/** Errors of scopes in one error that are taken apart. */
const MAX_SCOPES = 16;

/**
 * What an error consists of that a scope with disposers has thrown: first what the scope itself has failed
 * with, then what its disposers have thrown, in the order in which they ran. An ordinary error is the only
 * part.
 */
export function suppressedParts(error: unknown): unknown[] {
  // Errors can be made to contain themselves.
  const scopes = new Set<unknown>();
  const partsOf = (each: unknown): unknown[] => {
    const scope = attempt(() => scopeError(each));
    if (!scope || scopes.has(each) || scopes.size === MAX_SCOPES) return [each];
    scopes.add(each);
    return [...partsOf(scope.suppressed), ...partsOf(scope.error)];
  };
  return partsOf(error);
}

/**
 * The name of an error and its message; anything else that was thrown as it would be written in code. What
 * disposers have thrown comes after the error of their scope.
 */
export function thrownText(thrown: unknown): string {
  const [first, ...later] = suppressedParts(thrown).map(textOf);
  return [first, ...later.map((text) => `After that: ${text}`)].join("\n");
}

/**
 * Whether it is an error with a name and a message, also of another realm, or as a framework has made a plain
 * object of it.
 */
export function isError(value: unknown): value is Error {
  return attempt(() => {
    const { name, message } = (value ?? {}) as Partial<Error>;
    return typeof name === "string" && typeof message === "string";
  }) ?? false;
}

function textOf(thrown: unknown): string {
  const text = attempt(() => errorText(thrown) ?? Deno.inspect(thrown));
  return text ?? "something that cannot be described";
}

function errorText(thrown: unknown): string | undefined {
  if (!isError(thrown)) return undefined;
  const { name, message } = thrown;
  return message === "" ? name : `${name}: ${message}`;
}

function scopeError(thrown: unknown): Pick<SuppressedError, "error" | "suppressed"> | undefined {
  if (!(thrown instanceof SuppressedError)) return undefined;
  const { error, suppressed } = thrown;
  return { error, suppressed };
}
