import { match, ok } from "node:assert/strict";

/** What a call that is refused says, and whose line it names. */
export interface Refusal {
  readonly message?: RegExp;
  readonly error?: new (message: string) => Error;
  /** The URL of the module that makes the call. */
  readonly caller: string;
}

/** Fails unless a call is refused in one line, by an error whose stack begins with the line that has made it. */
export async function mustRefuse(
  call: () => Promise<unknown>,
  { message = /./, error: kind = Error, caller }: Refusal,
): Promise<void> {
  const error = await call().then(() => new Error("the call was not refused"), (error) => error);
  match(error.message, message);
  ok(error instanceof kind, String(error));
  ok(!error.message.includes("\n"), error.message);
  const [, first = ""] = error.stack!.split("\n    at ");
  ok(first.includes(caller), `the call is not the first in the stack: ${error.stack}`);
}
