import assert from "node:assert/strict";
import { OutputLines, type WrittenPart } from "./output_lines.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What is shown of these parts, of one output unless they say otherwise; all of it has come then. */
function shown(...parts: readonly Partial<WrittenPart>[]): string[] {
  const lines: string[] = [];
  using outputs = new OutputLines((line) => lines.push(line));
  const part = { node: "n", number: 1, command: "etcd", output: "stdout" as const };
  for (const each of parts) {
    outputs.take({ ...part, missing: 0, bytes: bytesOf(""), last: false, ...each });
  }
  outputs[Symbol.dispose]();
  return lines;
}

Deno.test("outputs are shown by whole lines, each with its node and its process", () => {
  const lines = shown(
    { bytes: bytesOf("one\ntw") },
    { bytes: bytesOf("other\n"), node: "m", number: 2 },
    { bytes: bytesOf("wrong\n"), output: "stderr" },
    { bytes: bytesOf("o\n\nthree") },
    { last: true },
  );
  assert.deepEqual(lines, [
    "n 1-etcd | one",
    "m 2-etcd | other",
    "n 1-etcd ! wrong",
    "n 1-etcd | two",
    "n 1-etcd | ",
    "n 1-etcd | three",
  ]);
});

Deno.test("a line that is not complete is shown at the end, though its node is gone", () => {
  assert.deepEqual(shown({ bytes: bytesOf("last wor") }), ["n 1-etcd | last wor"]);
});

Deno.test("a character that comes in parts is one, and what is no UTF-8 is marked", () => {
  const [first, second] = [bytesOf("ü").slice(0, 1), bytesOf("ü\n").slice(1)];
  assert.deepEqual(shown({ bytes: first }, { bytes: second }), ["n 1-etcd | ü"]);
  assert.deepEqual(shown({ bytes: new Uint8Array([0xff, 0x0a]) }), ["n 1-etcd | \uFFFD"]);
});

Deno.test("no output does anything to a terminal", () => {
  const hostile = "\x1b[2J\x1b]0;title\x07a\rb\x9b1m\u202e\n";
  assert.deepEqual(shown({ bytes: bytesOf(hostile) }), [
    "n 1-etcd | \\x1b[2J\\x1b]0;title\\x07a\\x0db\\x9b1m\\u202e",
  ]);
});

Deno.test("a long line is cut, and takes no more memory than what is shown of it", () => {
  const parts = Array.from({ length: 100 }, () => ({ bytes: bytesOf("x".repeat(100_000)) }));
  const [line] = shown(...parts, { bytes: bytesOf("end\nnext\n") });
  assert.equal(line, `n 1-etcd | ${"x".repeat(500)} … (9999503 more characters)`);
});

Deno.test("lines that come too fast are counted, of each output and of a cluster", () => {
  const lines = shown({ bytes: bytesOf("line\n".repeat(5_000)) }, { last: true });
  assert.equal(lines.length, 101);
  assert.match(lines.at(-1)!, /^n 1-etcd \| … 4900 lines came too fast to be shown/);
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  const all = shown(...numbers.map((number) => ({ number, bytes: bytesOf("x\n".repeat(100)) })));
  assert.equal(all.filter((line) => line.endsWith("| x")).length, 500);
});

Deno.test("what is missing is said in its place", () => {
  assert.deepEqual(shown({ bytes: bytesOf("beg") }, { missing: 7, bytes: bytesOf("end\n") }), [
    "n 1-etcd | beg",
    "n 1-etcd | [7 bytes are missing here]",
    "n 1-etcd | end",
  ]);
});

Deno.test("what cannot be shown fails nothing, and is not tried again", () => {
  let tries = 0;
  const outputs = new OutputLines(() => {
    tries++;
    throw new Error("the terminal is gone");
  });
  const part = { node: "n", number: 1, command: "etcd", output: "stdout" as const, missing: 0 };
  outputs.take({ ...part, bytes: bytesOf("a\nb\n"), last: false });
  outputs.take({ ...part, bytes: bytesOf("c"), last: true });
  outputs[Symbol.dispose]();
  assert.equal(tries, 1);
});
