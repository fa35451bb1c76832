import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { parseOptions } from "./parse_options.ts";

const SPECS = { name: { type: "string" }, flag: { type: "boolean" } } as const;

const COMMAND_LINES: readonly (readonly string[])[] = [
  [],
  ["--name", "value"],
  ["--name=value", "--flag"],
  ["--name="],
  ["--name=a=b"],
  ["--name", "-"],
  ["--name", "one", "--name", "two"],
  ["--name", "two\nlines"],
  ["--flag", "--name", ""],
  ["--name"],
  ["--name", "--flag"],
  ["--name", "-x"],
  ["--flag=yes"],
  ["--other"],
  ["--constructor"],
  ["surplus"],
];

for (const args of COMMAND_LINES) {
  Deno.test(`parseOptions() takes ${JSON.stringify(args)} as parseArgs() of Node does`, () => {
    assert.deepEqual(outcomeOf(() => parseOptions(args, SPECS)), expected(args));
  });
}

function expected(args: readonly string[]): unknown {
  return outcomeOf(() => parseArgs({ args: [...args], options: SPECS }).values);
}

/** What comes of it, or that it is refused. */
function outcomeOf(parse: () => object): unknown {
  try {
    return { ...parse() };
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return "refused";
  }
}
