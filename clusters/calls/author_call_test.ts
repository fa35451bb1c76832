import { ok, strictEqual, throws } from "node:assert/strict";
import { NodeLostError } from "../errors.ts";
import { AuthorCall } from "./author_call.ts";

/** Fails with an error that was made elsewhere, before the call. */
async function failWith(error: unknown, signal?: AbortSignal): Promise<never> {
  const call = new AuthorCall(failWith, { signal });
  return await call.during(() => Promise.reject(error));
}

/** Calls it from a place that the stack has by name. */
async function authorOfTest(error: unknown, signal?: AbortSignal): Promise<Error> {
  return await failWith(error, signal).catch((error) => error);
}

function firstFrame(error: Error): string {
  return error.stack!.split("\n    at ")[1]!;
}

Deno.test("an error of a call has the call's stack, and all else of what was thrown", async () => {
  const cause = new Error("the socket was closed");
  const lost = new NodeLostError({ node: "node1", backend: "docker", reason: "it died" }, {
    cause,
  });
  const [one, two] = await Promise.all([authorOfTest(lost), authorOfTest(lost)]);
  for (const error of [one, two]) {
    ok(error instanceof NodeLostError && error !== lost);
    strictEqual(error.message, lost.message);
    strictEqual(error.reason, "it died");
    strictEqual(error.cause, cause);
    ok(firstFrame(error).startsWith("authorOfTest"), error.stack);
    ok(error.stack!.startsWith(`NodeLostError: ${lost.message}\n`), error.stack);
  }
});

Deno.test("an error of an unknown class stays itself, with the call's stack", async () => {
  class Odd extends Error {
    readonly #secret = 7;
    get secret(): number {
      return this.#secret;
    }
  }
  const odd = new Odd("even");
  const error = await authorOfTest(odd);
  strictEqual(error, odd);
  strictEqual((error as Odd).secret, 7);
  ok(firstFrame(error).startsWith("authorOfTest"), error.stack);
});

Deno.test("where an error of our own was made is kept as its cause", async () => {
  const fault = new TypeError("Cannot read properties of undefined");
  strictEqual((await authorOfTest(fault)).cause, fault);
});

Deno.test("an error that says what cannot be done needs no stack of where it was made", async () => {
  const refusal = new Deno.errors.NotFound('Cannot read "a": it does not exist');
  strictEqual((await authorOfTest(refusal)).cause, undefined);
});

Deno.test("options that a call refuses are refused at the author's line, without a cause", () => {
  function call(options: object): AuthorCall {
    return new AuthorCall(call, { options });
  }
  function authorOfOptions(): AuthorCall {
    return call({ timeOut: 1 });
  }
  throws(authorOfOptions, (error: Error) => {
    ok(firstFrame(error).startsWith("authorOfOptions"), error.stack);
    return error instanceof TypeError && error.cause === undefined;
  });
});

Deno.test("what a call was aborted with stays as it is", async () => {
  const reason = new Error("enough");
  const { stack } = reason;
  strictEqual(await authorOfTest(reason, AbortSignal.abort(reason)), reason);
  strictEqual(reason.stack, stack);
});

Deno.test("a call tells where it was made without harm to the error that it becomes", async () => {
  let places: readonly string[] = [];
  async function placed(isPlaced: boolean): Promise<never> {
    const call = new AuthorCall(placed, { isPlaced });
    places = call.places;
    return await call.during(() => Promise.reject(new TypeError("no")));
  }
  const error = await placed(true).catch((error) => error);
  const here = new URL(import.meta.url).pathname;
  ok(places[0]!.startsWith(`${here}:`) && places.length <= 3, `${places}`);
  ok(error.stack.startsWith("TypeError: no\n    at "), error.stack);
  ok(error.stack.includes(places[0]!.slice(here.length)), error.stack);
  await placed(false).catch(() => {});
  strictEqual(places.length, 0);
});
