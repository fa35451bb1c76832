import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { watchedSteps } from "./watched_steps.ts";

/** A context that runs steps as `Deno.test` does: it tells whether they passed. */
class Steps {
  readonly #name = "private";

  get name(): string {
    return this.#name;
  }

  async step(...args: unknown[]): Promise<boolean> {
    const given = args.at(-1);
    const fn = typeof given === "function" ? given : (given as { fn: () => unknown }).fn;
    return await Promise.try(fn as (steps: Steps) => unknown, new Steps())
      .then(() => true, () => false);
  }
}

const failing = () => {
  throw new Error("a step");
};

Deno.test("watchedSteps() hears of steps that fail, however they are written", async () => {
  const heard: unknown[] = [];
  const steps = watchedSteps(new Steps(), (error) => heard.push((error as Error).message));
  strictEqual(await steps.step("passes", () => {}), true);
  deepStrictEqual(heard, []);
  strictEqual(await steps.step("fails", failing), false);
  strictEqual(await steps.step(failing), false);
  strictEqual(await steps.step({ name: "fails", fn: failing }), false);
  await steps.step("has a step that fails", (inner: Steps) => inner.step("fails", failing));
  deepStrictEqual(heard, Array(4).fill("a step"));
});

Deno.test("watchedSteps() leaves the rest of a context as it is", () => {
  strictEqual(watchedSteps(new Steps(), () => {}).name, "private");
  for (const context of [undefined, null, "text"]) {
    strictEqual(watchedSteps(context, () => {}), context);
  }
});
