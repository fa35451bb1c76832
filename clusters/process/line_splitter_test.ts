import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { LineSplitter, MAX_LINE } from "./line_splitter.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** The lines of an output that comes in these parts. */
function linesOf(...parts: Uint8Array[]): string[] {
  const splitter = new LineSplitter();
  const lines = parts.flatMap((part) => splitter.add(0, part));
  return [...lines, ...splitter.end()].map(({ text }) => text);
}

/** An output, and its lines. */
const OUTPUTS: readonly (readonly [string, string[]])[] = [
  ["", []],
  ["one", ["one"]],
  ["one\n", ["one"]],
  ["\n", [""]],
  ["one\n\ntwo", ["one", "", "two"]],
  ["one\r\ntwo\r\n", ["one", "two"]],
  ["a\rb\n\r\n", ["a\rb", ""]],
  ["\uFEFFgrün €\n", ["\uFEFFgrün €"]],
];

for (const [text, lines] of OUTPUTS) {
  Deno.test(`LineSplitter makes lines of ${Deno.inspect(text)}, however it comes`, () => {
    deepStrictEqual(linesOf(bytes(text)), lines);
    deepStrictEqual(linesOf(...[...bytes(text)].map((byte) => Uint8Array.of(byte))), lines);
  });
}

Deno.test("LineSplitter does not mind what is no UTF-8", () => {
  deepStrictEqual(linesOf(Uint8Array.of(0x61, 0xff, 0x62, 10)), ["a\uFFFDb"]);
});

Deno.test("LineSplitter keeps the beginning of a line of 100 MB, and says how much is missing", () => {
  const splitter = new LineSplitter();
  const part = new Uint8Array(1_000_000).fill(0x78);
  for (let i = 0; i < 100; i++) deepStrictEqual(splitter.add(0, part), []);
  const [line, next] = splitter.add(0, bytes("\nnext\n"));
  strictEqual(
    line!.text.slice(MAX_LINE),
    ` [clustertest: ${100_000_000 - MAX_LINE} bytes are missing here]`,
  );
  strictEqual(line!.size, 100_000_001);
  strictEqual(next!.text, "next");
});

Deno.test("LineSplitter says on a line of its own what is missing between two parts", () => {
  const splitter = new LineSplitter();
  splitter.add(0, bytes("one\ntw"));
  const lines = splitter.add(12, bytes("x\nthree"));
  deepStrictEqual([...lines, ...splitter.end()].map(({ text }) => text), [
    "tw",
    "[clustertest: 12 bytes are missing here]",
    "x",
    "three",
  ]);
});

Deno.test("LineSplitter keeps nothing of the parts that it was given", () => {
  const splitter = new LineSplitter();
  const part = bytes("one");
  splitter.add(0, part);
  part.fill(0);
  strictEqual(splitter.end()[0]!.text, "one");
});
