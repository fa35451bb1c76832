import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { explainEnd, logDetails } from "./explain_end.ts";

const cases = [
  { end: { exitCode: undefined, outOfMemory: false }, summary: "its container has ended" },
  { end: { exitCode: 9, outOfMemory: false }, summary: "its container ended with exit code 9" },
  {
    end: { exitCode: 3, outOfMemory: false },
    summary:
      "its agent heard nothing from the test for as long as its lease, and ended (exit code 3)",
  },
  {
    end: { exitCode: 143, outOfMemory: false },
    summary: "its container was ended by SIGTERM (exit code 143)",
  },
  {
    end: { exitCode: 137, outOfMemory: true },
    summary: "its container was killed because it needed more memory than its limit of 96m " +
      "allows (out of memory)",
  },
  // Something else in it ran out of memory; it ended by itself.
  { end: { exitCode: 1, outOfMemory: true }, summary: "its container ended with exit code 1" },
];

for (const { end, summary } of cases) {
  Deno.test(`explainEnd() explains ${JSON.stringify(end)}`, () => {
    strictEqual(explainEnd(end, { memory: "96m", log: [] }).summary, summary);
  });
}

Deno.test("explainEnd() names the machine when the node has no limit", () => {
  const { summary } = explainEnd({ exitCode: 137, outOfMemory: true }, {
    memory: undefined,
    log: [],
  });
  strictEqual(summary.includes("more memory than its machine has"), true);
});

Deno.test("logDetails() indents the last lines of an agent, and says nothing of none", () => {
  deepStrictEqual(logDetails([]), []);
  deepStrictEqual(logDetails(["a", "b"]), ["the last lines of its agent:", "  a", "  b"]);
});
