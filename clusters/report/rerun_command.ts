import { basename } from "node:path";
import type { RunIndex, TestEntry } from "../record/mod.ts";

/** Flags of `deno test` of which the next argument is the value, if it is not behind `=`. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...["--filter", "--reporter", "--junit-path", "--seed", "--repeats", "--retry"],
  ...["--config", "-c", "--import-map", "--lock", "--conditions", "--minimum-dependency-age"],
  ...["--cert", "--location", "--preload", "--require", "--ext", "--log-level", "-L"],
]);

/** Flags that choose some of the tests: another run of one test might leave it out by them. */
const CHOOSING: ReadonlySet<string> = new Set(["--filter", "--shard", "--changed", "--related"]);

/** Settings that say what is shown and kept of a run, and not what is done in it. */
const NOT_REPEATED: ReadonlySet<string> = new Set(
  ["KEEP", "PROGRESS", "REQUIRE"].map((name) => `CLUSTERTEST_${name}`),
);

/** The command line that runs a test again, or all of them, as it is typed in a shell. */
export function rerunCommand(
  { command, cwd, settings = {} }: Pick<RunIndex, "command" | "cwd" | "settings">,
  test?: Pick<TestEntry, "file" | "name">,
): string {
  const [program = "", ...args] = command.map(String);
  const isOne = test && basename(program) === "deno" && args[0] === "test";
  const words = isOne
    ? [program, "test", ...argumentsFor(test, args.slice(1))]
    : [program, ...args];
  const set = Object.entries(settings ?? {}).filter(([name]) => !NOT_REPEATED.has(name))
    .map(([name, value]) => `${quoted(name)}=${quoted(String(value))}`);
  return `cd ${quoted(cwd)} && ${[...set, ...words.map(quoted)].join(" ")}`;
}

/** The arguments that choose one test, behind the flags of its run and before what that hands on to tests. */
function argumentsFor(
  { name, file }: Pick<TestEntry, "file" | "name">,
  args: readonly string[],
): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const files = file === undefined ? [] : [file];
  return [
    ...otherFlags(args.slice(0, end)),
    ...["--filter", exactly(name)],
    ...files,
    ...args.slice(end),
  ];
}

/** The flags of a run without what has chosen its tests. */
function otherFlags(args: readonly string[]): string[] {
  const flags: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const flag = args[i]!;
    if (!flag.startsWith("-")) continue;
    const value = WITH_VALUE.has(flag) ? args[++i] : undefined;
    if (CHOOSING.has(flag.split("=")[0]!)) continue;
    flags.push(flag, ...value === undefined ? [] : [value]);
  }
  return flags;
}

/** A filter that no other name matches. */
function exactly(name: string): string {
  return `/^${name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}$/`;
}

/** A word as a shell takes it for one, whatever is in it. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
