import { deepStrictEqual } from "node:assert/strict";
import { sourceLines } from "./source_lines.ts";

Deno.test("sourceLines() gives the lines around a place, if they are those that were run", async () => {
  const path = await Deno.makeTempFile({ suffix: "_test.ts" });
  try {
    await Deno.writeTextFile(path, Array.from({ length: 9 }, (_, i) => `line ${i + 1}`).join("\n"));
    const now = Date.now() + 1000;
    const lines = sourceLines(`${path}:2:5`, now);
    deepStrictEqual(lines.map(({ number }) => number), [1, 2, 3, 4, 5]);
    deepStrictEqual(lines[1], { number: 2, text: "line 2", isPlace: true });
    deepStrictEqual(sourceLines(`${path}:2:5`, now - 60_000), []);
    deepStrictEqual(sourceLines(`${path}:99:1`, now), []);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("sourceLines() gives none of what is no file", () => {
  for (const place of ["/nowhere/a.ts:1:1", "/tmp:1:1", "https://a.ts:1:1", "", "/dev/zero:1:1"]) {
    deepStrictEqual(sourceLines(place, Infinity), []);
  }
});
