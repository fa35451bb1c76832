import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { TestFailure } from "../record/mod.ts";
import { describeFailure } from "./described_failure.ts";
import { sourceExcerpt } from "./source_excerpt.ts";

const HERE = fileURLToPath(import.meta.url);

/** Has a getter that throws where something else has a text. */
class Hostile extends Error {
  override get message(): string {
    throw new Error("no message for you");
  }
}

Deno.test("describeFailure() tells name, message, stack, and the lines around the author's", () => {
  const error = new TypeError("two\nlines\n    at quoted (file:///t/a_test.ts:1:1)");
  const { name, message, stack, source } = describeFailure(error, HERE);
  strictEqual(name, "TypeError");
  strictEqual(message, error.message);
  match(stack!, /^ {4}at .*described_failure_test\.ts:\d+:\d+/);
  ok(!stack!.includes("quoted"));
  strictEqual(source!.file, HERE);
  match(source!.lines[source!.line - source!.first]!, /const error = new TypeError/);
  strictEqual(source!.lines.length, 11);
  ok(source!.column > 1);
});

Deno.test("describeFailure() tells of causes and parts, each once", () => {
  const cause = new Error("cause");
  const shared = new RangeError("shared", { cause });
  const whole = new AggregateError([shared, shared, "text"], "whole", { cause });
  const { causes } = describeFailure(whole);
  const names = (failures: readonly TestFailure[] = []): unknown[] =>
    failures.map(({ name, message, causes }) => [name, message, ...names(causes)]);
  deepStrictEqual(names(causes), [["Error", "cause"], ["RangeError", "shared"], ["", '"text"']]);
});

/** What may be thrown, and what is told of it. */
const THROWN: readonly (readonly [unknown, Partial<TestFailure>])[] = [
  [undefined, { name: "", message: "undefined" }],
  [null, { name: "", message: "null" }],
  ["text", { name: "", message: '"text"' }],
  [new Hostile(), { name: "" }],
  [{ name: "Odd", message: "an error of another realm", stack: 7 }, { name: "Odd" }],
  [Object.assign(new Error("odd"), { cause: new Hostile() }), { name: "Error", message: "odd" }],
];

Deno.test("describeFailure() never throws, and can be written as JSON", () => {
  for (const [thrown, expected] of THROWN) {
    const described = describeFailure(thrown);
    for (const [key, value] of Object.entries(expected)) {
      strictEqual(described[key as keyof TestFailure], value);
    }
    strictEqual(typeof described.message, "string");
    JSON.stringify(described);
  }
});

Deno.test("describeFailure() is bounded, whatever is thrown", () => {
  const circle = new Error("circle");
  circle.cause = circle;
  strictEqual(describeFailure(circle).causes, undefined);
  const many = new AggregateError(Array.from({ length: 1_000 }, (_, i) => new Error(`${i}`)));
  strictEqual(describeFailure(many).causes!.length, 15);
  const deep = (depth: number): Error =>
    new Error("x".repeat(100_000), { cause: depth > 0 ? deep(depth - 1) : undefined });
  ok(JSON.stringify(describeFailure(deep(100))).length < 100_000);
});

Deno.test("sourceExcerpt() reads code alone, as far as it is there", async () => {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-excerpt-" });
  try {
    const file = `${dir}/a_test.ts`;
    await Deno.writeTextFile(file, `one\r\n${"x".repeat(1_000)}\nthree`);
    deepStrictEqual(sourceExcerpt(`${file}:2:3`), {
      ...{ file, line: 2, column: 3, first: 1 },
      lines: ["one", "x".repeat(500), "three"],
    });
    await Deno.writeTextFile(`${dir}/secret`, "password");
    await Deno.mkdir(`${dir}/folder.ts`);
    const none = [`${file}:9:1`, `${file}:0:1`, `${dir}/secret:1:1`, `${dir}/folder.ts:1:1`];
    for (const place of [...none, "/dev/zero:1:1", `${dir}/missing.ts:1:1`, "https://x/y.ts:1:1"]) {
      strictEqual(sourceExcerpt(place), undefined, place);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
