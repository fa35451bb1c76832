import assert from "node:assert/strict";
import { plainLine } from "./plain_line.ts";

const CASES = [
  ["plain\ttext", "plain\ttext", "plain\ttext"],
  ["ends with a carriage return\r", undefined, "ends with a carriage return"],
  ["a\x1b[31mred\x1b[0m", "a\x1b[31mred\x1b[0m\x1b[0m", "ared"],
  ["clear\x1b[2J", "clear\\x1b[2J", "clear\\x1b[2J"],
  ["title\x1b]0;evil\x07", "title\\x1b]0;evil\\x07", "title\\x1b]0;evil\\x07"],
  ["\x9b31m\x00\x7f", "\\x9b31m\\x00\\x7f", "\\x9b31m\\x00\\x7f"],
  ["over\rwritten", "over\\x0dwritten", "over\\x0dwritten"],
  ["\u202edlrow", "\\u202edlrow", "\\u202edlrow"],
] as const;

Deno.test("plainLine() leaves nothing that a terminal would obey, but colours if asked", () => {
  for (const [text, coloured, plain] of CASES) {
    assert.equal(plainLine(text, { colours: false }), plain);
    assert.equal(plainLine(text, { colours: true }), coloured ?? plain);
  }
});
