import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { distinctFailures, oneFailure } from "./failures.ts";

Deno.test("oneFailure() leaves an error that is the only one as it is, and other objects", () => {
  for (const thrown of [new Error("it"), { code: 1 }]) strictEqual(oneFailure([thrown]), thrown);
});

for (const thrown of [undefined, null, "oops", 7, Symbol("s"), 1n]) {
  Deno.test(`oneFailure() makes an error of ${String(thrown)}, which says what it was`, () => {
    const error = oneFailure([thrown]) as Error;
    ok(error instanceof Error);
    strictEqual(error.message, `The test threw what is no error: ${Deno.inspect(thrown)}`);
    strictEqual(error.cause, thrown);
  });
}

Deno.test("oneFailure() has several failures, the first of them first, as text and as they are", () => {
  const [first, second] = [new TypeError("the body"), new Error("the disposal")];
  const error = oneFailure([first, second, "a string"]) as AggregateError;
  deepStrictEqual(error.errors.slice(0, 2), [first, second]);
  match(error.errors[2].message, /"a string"/);
  strictEqual(
    error.message,
    'TypeError: the body\nAfter that: Error: the disposal\nAfter that: "a string"',
  );
});

Deno.test("distinctFailures() has each text once", () => {
  const [one, same, other] = [new Error("one"), new Error("one"), new Error("other")];
  deepStrictEqual(distinctFailures([one, same, other]), [one, other]);
});
