import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { throwFailures } from "./throw_failures.ts";

const fulfilled = { status: "fulfilled", value: 1 } as const;
const rejected = (message: string) => ({ status: "rejected", reason: new Error(message) }) as const;

Deno.test("throwFailures() returns when nothing failed", () => {
  strictEqual(throwFailures([fulfilled, fulfilled]), undefined);
});

Deno.test("throwFailures() throws the one failure itself", () => {
  const failure = rejected("oh");
  throws(() => throwFailures([fulfilled, failure]), (error) => error === failure.reason);
});

Deno.test("throwFailures() throws one error that has all failures and tells of each", () => {
  const failures = [rejected("one"), rejected("two")];
  throws(() => throwFailures(failures), (error: AggregateError) => {
    deepStrictEqual(error.errors, failures.map(({ reason }) => reason));
    return error.message === "one\ntwo";
  });
});

Deno.test("throwFailures() throws once what several have met, also as a part of another", () => {
  const both = { status: "rejected", reason: new AggregateError([], "one\ntwo") } as const;
  throws(
    () => throwFailures([rejected("one"), both, rejected("one"), rejected("two")]),
    (error) => error === both.reason,
  );
  throws(() => throwFailures([rejected("one"), rejected("one")]), /^Error: one$/);
  throws(
    () => throwFailures([rejected("one"), rejected("one more")]),
    /^AggregateError: one\none more$/,
  );
});
