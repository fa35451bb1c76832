import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { parsePattern } from "./pattern.ts";

/** Whether the only part of a pattern matches a name. */
function matches(pattern: string, name: string): boolean {
  const [part, ...others] = parsePattern(pattern).parts;
  deepStrictEqual(others, []);
  return part?.kind === "name"
    ? part.name === name
    : part?.kind === "match" && part.expression.test(name);
}

const cases: readonly (readonly [pattern: string, matching: string[], others: string[]])[] = [
  ["a.log", ["a.log"], ["a-log", "a.log.1"]],
  ["*.log", ["a.log", ".log", "a b.log", "ä.log"], ["a.log.1", "log"]],
  ["a?c", ["abc", "a😀c"], ["ac", "abbc"]],
  ["log.[0-9]", ["log.7"], ["log.x", "log.10"]],
  ["[!a]b", ["cb"], ["ab", "b"]],
  ["[^a]b", ["cb"], ["ab"]],
  ["[]x]", ["]", "x"], ["a"]],
  ["*.{log,txt,t{gz,bz2}}", ["a.log", "a.txt", "a.tgz", "a.tbz2"], ["a.zip", "a.t"]],
  ["a,b", ["a,b"], ["a", "b"]],
  ["(a+|b)^$*", ["(a+|b)^$x"], ["aa"]],
  ["\\*\\[", ["*["], ["a["]],
  ["a}*", ["a}b"], ["ab"]],
];

for (const [pattern, matching, others] of cases) {
  Deno.test(`the pattern ${pattern} matches ${matching.join(" ")}, and not ${others.join(" ")}`, () => {
    for (const name of matching) strictEqual(matches(pattern, name), true, name);
    for (const name of others) strictEqual(matches(pattern, name), false, name);
  });
}

Deno.test("parsePattern() tells names, folders of any depth, and where a pattern begins", () => {
  const { isAbsolute, parts } = parsePattern("/var/./log//**/x");
  strictEqual(isAbsolute, true);
  deepStrictEqual(parts.map((part) => part.kind === "name" ? part.name : part.kind), [
    ...["var", "log", "folders", "x"],
  ]);
  strictEqual(parsePattern("./data").isAbsolute, false);
});

for (const pattern of ["", "a\0b", "..", "a/../b", "[a", "{a", "a{b,[c}", 7, null]) {
  Deno.test(`parsePattern() refuses ${Deno.inspect(pattern)}`, () => {
    throws(() => parsePattern(pattern), {
      name: "TypeError",
      message: /^Cannot collect artifacts: /,
    });
  });
}
