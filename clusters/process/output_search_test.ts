import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type OutputPattern, OutputSearch } from "./output_search.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** The match in an output that comes in these parts; undefined if no part has brought it. */
function found(pattern: OutputPattern, ...parts: (string | Uint8Array)[]): string[] | undefined {
  const search = new OutputSearch(pattern);
  for (const part of parts) {
    const result = search.add(0, typeof part === "string" ? bytes(part) : part);
    if (result) return [...result.match];
  }
  return undefined;
}

/** A pattern, the parts of an output, and the match. */
const MATCHES: readonly (readonly [OutputPattern, string[], string[] | undefined])[] = [
  ["ready", ["not rea", "dy yet"], ["ready"]],
  ["a.c", ["abc"], undefined],
  ["a.c", ["xa.cx"], ["a.c"]],
  [/port (\d+) /, ["on port 8", "080 now"], ["port 8080 ", "8080"]],
  [/one\ntwo/, ["one\n", "two\n"], ["one\ntwo"]],
  [/ready/g, ["ready ready"], ["ready"]],
  [/ready/y, ["not ready"], ["ready"]],
  [/READY/gi, ["ready"], ["READY".toLowerCase()]],
  [/^two$/, ["one\n", "two"], undefined],
  [/^two$/m, ["one\n", "two\n"], ["two"]],
  [/(?:)/, [""], [""]],
  [/ü.€/, ["grün ü", "x€"], ["üx€"]],
];

for (const [pattern, parts, expected] of MATCHES) {
  Deno.test(`OutputSearch looks for ${Deno.inspect(pattern)} in ${Deno.inspect(parts)}`, () => {
    deepStrictEqual(found(pattern, ...parts), expected);
  });
}

Deno.test("OutputSearch finds characters whose bytes come apart", () => {
  const whole = bytes("x€y");
  const parts = [...whole].map((byte) => Uint8Array.of(byte));
  deepStrictEqual(found(/x€y/, ...parts), ["x€y"]);
  deepStrictEqual(found("\uFFFDy", Uint8Array.of(0x78, 0xff, 0x79)), ["\uFFFDy"]);
});

Deno.test("OutputSearch leaves the pattern as it is", () => {
  const pattern = /ready/g;
  pattern.lastIndex = 3;
  deepStrictEqual(found(pattern, "ready"), ["ready"]);
  strictEqual(pattern.lastIndex, 3);
});

Deno.test("OutputSearch gives a match the shape that String.match() gives it", () => {
  const { match } = new OutputSearch("b").add(0, bytes("abc"))!;
  deepStrictEqual([match.index, match.input, match.groups], [1, "abc", undefined]);
  const { match: named } = new OutputSearch(/(?<letter>b)/).add(0, bytes("abc"))!;
  strictEqual(named.groups!.letter, "b");
});

Deno.test("OutputSearch says whether a match may grow", () => {
  const grows = (pattern: OutputPattern, text: string) =>
    new OutputSearch(pattern).add(0, bytes(text))!.mayGrow;
  strictEqual(grows(/port \d+/, "port 80"), true);
  strictEqual(grows(/port \d+/, "port 80 "), false);
  strictEqual(grows(/port \d+\n/, "port 80\n"), false);
  strictEqual(grows("port", "port"), false);
  strictEqual(grows(/[^]*/, "x".repeat(1024 * 1024)), false);
});

Deno.test("OutputSearch looks 64 Ki characters back from each part, and takes no cut for a beginning", () => {
  const filler = "x".repeat(60 * 1024);
  deepStrictEqual(found(/begin.*end/, filler, filler, `begin${filler}`, "end")?.length, 1);
  strictEqual(found(/begin.*end/, `begin${filler}`, filler, filler, "end"), undefined);
  const late = new OutputSearch(/^y/);
  for (let i = 0; i < 10; i++) strictEqual(late.add(0, bytes("y".repeat(0) + filler)), undefined);
  strictEqual(late.add(0, bytes("y".repeat(200_000))), undefined);
});

Deno.test("OutputSearch finds nothing across a gap, and counts what is missing", () => {
  const search = new OutputSearch(/ab|^b/);
  strictEqual(search.add(0, bytes("xa")), undefined);
  strictEqual(search.add(7, bytes("bc")), undefined);
  strictEqual(search.missing, 7);
  ok(search.add(0, bytes("ab")));
});
