import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { suppressedParts, thrownText } from "./thrown_text.ts";

/** What a scope throws whose body and disposers fail. */
async function failure(body: unknown, ...disposers: unknown[]): Promise<unknown> {
  try {
    await using stack = new AsyncDisposableStack();
    for (const each of disposers) stack.defer(() => Promise.reject(each));
    throw body;
  } catch (error) {
    return error;
  }
}

Deno.test("thrownText() names what was thrown, whatever it is", () => {
  const foreign = { name: "ForeignError", message: "far" };
  strictEqual(thrownText(foreign), "ForeignError: far");
  strictEqual(thrownText(new RangeError("")), "RangeError");
  strictEqual(thrownText(undefined), "undefined");
});

Deno.test("suppressedParts() has the failure of a scope first, then its disposers' in their order", async () => {
  const [body, one, two] = [new Error("body"), new Error("one"), new Error("two")];
  deepStrictEqual(suppressedParts(body), [body]);
  // The last one that was added is disposed of first.
  deepStrictEqual(suppressedParts(await failure(body, two, one)), [body, one, two]);
  deepStrictEqual(suppressedParts(await failure(undefined, one)), [undefined, one]);
  // A disposer may have a scope of its own.
  deepStrictEqual(suppressedParts(await failure(body, await failure(one, two))), [body, one, two]);
});

Deno.test("thrownText() tells the failure of a scope before that of its disposer", async () => {
  const thrown = await failure(new TypeError("body"), new Error("disposer"));
  strictEqual(thrownText(thrown), "TypeError: body\nAfter that: Error: disposer");
});

Deno.test("suppressedParts() ends when an error contains itself", () => {
  const endless = new SuppressedError(new Error("disposer"), undefined);
  endless.suppressed = endless;
  deepStrictEqual(suppressedParts(endless), [endless, endless.error]);
});

/** What was thrown, and cannot be read: by getters that throw, no text where one belongs, a proxy. */
const UNREADABLE: readonly unknown[] = [
  Object.defineProperty(new Error("x"), "message", { get: () => fail() }),
  Object.defineProperty(new Error("x"), "message", { value: Symbol("s") }),
  Object.defineProperty(new SuppressedError(1, 2), "suppressed", { get: () => fail() }),
  new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail() }),
];

function fail(): never {
  throw new Error("trap");
}

Deno.test("thrownText() and suppressedParts() never throw, whatever was thrown", () => {
  for (const thrown of UNREADABLE) {
    strictEqual(typeof thrownText(thrown), "string");
    strictEqual(suppressedParts(thrown)[0], thrown);
  }
});
