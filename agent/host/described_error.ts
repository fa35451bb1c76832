/**
 * The same kind of error, with a message that says what was being done.
 *
 * Kinds that a peer would not know by name become a plain `Error`.
 */
export function describedError(cause: unknown, message: string): Error {
  const original = errorOf(cause);
  const error = new (kindOf(original))(message, { cause });
  const { code } = original as { code?: unknown };
  return typeof code === "string" ? Object.assign(error, { code }) : error;
}

/** Whatever was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function kindOf(error: Error): ErrorConstructor {
  if (Object.hasOwn(Deno.errors, error.name)) {
    return Deno.errors[error.name as keyof typeof Deno.errors] as unknown as ErrorConstructor;
  }
  if (error instanceof TypeError) return TypeError;
  return error instanceof RangeError ? RangeError : Error;
}
