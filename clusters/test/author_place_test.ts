import { strictEqual } from "node:assert/strict";
import { authorPlace } from "./author_place.ts";

const OURS = new URL("./test_run.ts", import.meta.url).href;

/** An error with a stack of such frames. */
function withFrames(frames: readonly string[], cause?: unknown): Error {
  const message = "it said\n    at file:///t/a_test.ts:1:1";
  const error = new Error(message, { cause });
  error.stack = `Error: ${message}\n${frames.map((frame) => `    at ${frame}`).join("\n")}`;
  return error;
}

const CASES: readonly (readonly [string, readonly unknown[], string | undefined])[] = [
  ["a line of the test", [withFrames(["file:///t/a_test.ts:7:5"])], "/t/a_test.ts:7:5"],
  [
    "the innermost line of the test's own file, before that of a helper",
    [withFrames([
      "help (file:///t/help.ts:1:2)",
      "async f (file:///t/a_test.ts:7:5)",
      "file:///t/a_test.ts:9:9",
    ])],
    "/t/a_test.ts:7:5",
  ],
  [
    "a helper, if nothing tells of the test's file",
    [withFrames(["help (file:///t/help%20me.ts:1:2)"])],
    "/t/help me.ts:1:2",
  ],
  [
    "a path, as other runtimes have it",
    [withFrames(["Object.<anonymous> (/t/a.test.ts:7:5)"])],
    "/t/a.test.ts:7:5",
  ],
  [
    "nothing of the package, of others and of the runtime",
    [withFrames([
      `async run (${OURS}:1:2)`,
      "node:assert:3:4",
      "ext:core/mod.js:5:6",
      "f (file:///t/node_modules/x/y.js:1:1)",
      "<anonymous>",
    ])],
    undefined,
  ],
  [
    "the cause, or a later failure",
    [withFrames([]), withFrames([], withFrames(["file:///t/a_test.ts:7:5"]))],
    "/t/a_test.ts:7:5",
  ],
  ["nothing that is no error", ["text", undefined, null, { stack: 7 }], undefined],
  [
    "no path that cannot be one",
    [withFrames(["f (file:///t/%zz.ts:1:2)"])],
    "file:///t/%zz.ts:1:2",
  ],
];

for (const [what, failures, place] of CASES) {
  Deno.test(`authorPlace() takes ${what}`, () => {
    strictEqual(authorPlace(failures, "/t/a_test.ts"), place);
  });
}

Deno.test("authorPlace() ends with causes that are their own", () => {
  const error = withFrames([]);
  error.cause = error;
  strictEqual(authorPlace([error]), undefined);
});
