import { strictEqual, throws } from "node:assert/strict";
import { IgnorePatterns } from "./ignore_patterns.ts";

/** Lines, and which names they ignore, and which they do not. */
const CASES: readonly [lines: string, ignored: string, included: string][] = [
  ["", "", "a .hidden a/b"],
  ["a", "a a/b a/b/c", "ab b/a"],
  ["/a/", "a a/b", "b/a"],
  ["./a/../b", "b b/c", "a"],
  ["*.md", "x.md .md", "a/x.md x.mdx"],
  ["**/*.md", "x.md a/x.md a/b/x.md", "x.mdx"],
  ["**", "a a/b", ""],
  ["a/**", "a/b a/b/c", "a b"],
  ["a/**/z", "a/z a/b/z a/b/c/z", "z b/a/z"],
  ["**/node_modules", "node_modules node_modules/x a/node_modules/x", "node_modules2"],
  ["a?c", "abc", "ac a/c"],
  ["[a-c].txt", "a.txt c.txt", "d.txt"],
  ["[^a].txt", "b.txt", "a.txt"],
  ["\\*", "*", "a"],
  ["a\\b", "ab", "a"],
  ["x.(y)+$", "x.(y)+$", "xy"],
  ["# comment\n  \n\ta ", "a", "#"],
  ["\ufeffa", "a", "b"],
  ["a\r\nb\r\n", "a b", "c"],
  ["*\n!a", "b b/a", "a a/b"],
  ["*\n!a\na/b", "b a/b a/b/c", "a a/c"],
  ["*.md\n!README*.md\nREADME-secret.md", "x.md README-secret.md", "README.md README-a.md"],
  ["!a\na", "a", "b"],
  ["a\n! a/b", "a a/c", "a/b a/b/c"],
  ["*\n!**/*.txt", "a a/b", "x.txt a/x.txt a/b/x.txt"],
  ["ü*", "über", "u"],
];

for (const [lines, ignored, included] of CASES) {
  Deno.test(`.dockerignore is kept as the command line keeps it: ${JSON.stringify(lines)}`, () => {
    const patterns = new IgnorePatterns(lines);
    const words = (text: string) => text.split(" ").filter((word) => word !== "");
    for (const name of words(ignored)) strictEqual(patterns.includes(name), false, name);
    for (const name of words(included)) strictEqual(patterns.includes(name), true, name);
  });
}

Deno.test(".dockerignore leaves what the engine needs in any case", () => {
  const patterns = new IgnorePatterns("**", ["docker/Dockerfile", ".dockerignore"]);
  strictEqual(patterns.includes(".dockerignore"), true);
  strictEqual(patterns.includes("docker/Dockerfile"), true);
  strictEqual(patterns.includes("docker"), false);
  strictEqual(patterns.mayInclude("docker"), true);
  strictEqual(patterns.mayInclude("other"), false);
});

Deno.test(".dockerignore with a line that is no pattern is refused", () => {
  for (const line of ["!", "a[", "[]", "[z-a]"]) {
    throws(() => new IgnorePatterns(line), { name: "TypeError", message: /is no pattern$/ });
  }
});
