import assert from "node:assert/strict";
import { HELP, parseCommandLine } from "./command_line.ts";

Deno.test("parseCommandLine() reads every option", () => {
  const read = parseCommandLine([
    ...["--listen", "[::1]:4711", "--launch", "/launch.json", "--root", "/node"],
    ...["--address", "127.0.1.2", "--confine", "--lease", "2.5", "--at-end", "shutdown"],
    ...["--max-life", "3600", "--start-timeout", "300", "--watch-later"],
  ]);
  assert.deepEqual(read, {
    listen: { hostname: "::1", port: 4711 },
    connect: undefined,
    launch: "/launch.json",
    root: "/node",
    address: "127.0.1.2",
    confine: true,
    lease: 2_500,
    startTimeout: 300_000,
    atEnd: "shutdown",
    maxLife: 3_600_000,
    isWatchedLater: true,
  });
});

Deno.test("parseCommandLine() needs nothing but a root", () => {
  assert.deepEqual(parseCommandLine(["--root", "/"]), {
    listen: { hostname: "0.0.0.0", port: 0 },
    connect: undefined,
    launch: "-",
    root: "/",
    address: undefined,
    confine: false,
    lease: 60_000,
    startTimeout: undefined,
    atEnd: "exit",
    maxLife: Infinity,
    isWatchedLater: false,
  });
});

Deno.test("parseCommandLine() reads where the runner's sockets are", () => {
  const read = parseCommandLine(["--root", "/", "--connect", "/sockets"]);
  assert.equal(typeof read === "object" && "connect" in read && read.connect, "/sockets");
});

Deno.test("parseCommandLine() reads from where to where the agent is to be copied", () => {
  const places = ["--copy-from", "/image", "--copy-to", "/pod"];
  const copy = { from: "/image", to: "/pod" };
  assert.deepEqual(parseCommandLine(places), { ...copy, version: undefined });
  const versioned = parseCommandLine([...places, "--copy-version", "abc"]);
  assert.deepEqual(versioned, { ...copy, version: "abc" });
});

const WRONG: readonly (readonly [args: string[], reason: RegExp])[] = [
  [[], /^--root is missing$/],
  [["--copy-from", "/image"], /^--copy-from and --copy-to need each other$/],
  [["--copy-to", "/pod"], /^--copy-from and --copy-to need each other$/],
  [["--copy-from", "/image", "--copy-to", "pod"], /^--copy-to must be an absolute path/],
  [["--root", "node"], /^--root must be an absolute path, not "node"$/],
  [["--root"], /--root <value>.* argument missing/],
  [["--root", "/", "--lease", "0"], /^--lease must be seconds above 0 .*, not "0"$/],
  [["--root", "/", "--lease", "soon"], /^--lease must be seconds/],
  [["--root", "/", "--lease", "Infinity"], /^--lease must be seconds/],
  // A timer that is asked for more fires at once.
  [["--root", "/", "--lease", "2147484"], /^--lease must be seconds .* at most 2147483/],
  [["--root", "/", "--start-timeout", "0"], /^--start-timeout must be seconds above 0/],
  [["--root", "/", "--max-life", "-1"], /--max-life/],
  [["--root", "/", "--max-life", "1e99"], /^--max-life must be seconds/],
  [["--root", "/", "--listen", "nowhere"], /^--listen must be HOST:PORT, not "nowhere"$/],
  [["--root", "/", "--listen", "127.0.0.1:65536"], /^--listen must be HOST:PORT/],
  [["--root", "/", "--at-end", "explode"], /^--at-end must be exit or shutdown, not "explode"$/],
  [["--root", "/", "--connect", "dir"], /^--connect must be an absolute path, not "dir"$/],
  [["--root", "/", "--connect", "/x", "--listen", "[::]:0"], /^--connect and --listen exclude/],
  [["--root", "/", "--token", "x"], /Unknown option '--token'/],
  [["--root", "/", "surplus"], /Unexpected argument 'surplus'/],
  [["--root", "/", "--confine=yes"], /'--confine' does not take an argument/],
];

for (const [args, message] of WRONG) {
  Deno.test(`parseCommandLine() throws one line when given ${JSON.stringify(args)}`, () => {
    assert.throws(() => parseCommandLine(args), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });
}

Deno.test("HELP names every option that is accepted, and no other", () => {
  const named = new Set(HELP.match(/--[a-z-]+/g));
  assert.deepEqual(
    [...named].sort(),
    ["--address", "--at-end", "--confine", "--connect", "--copy-from", "--copy-to"]
      .concat(["--copy-version", "--help", "--kernel", "--launch", "--lease", "--listen"])
      .concat(["--max-life", "--root", "--start-timeout", "--version", "--watch-later"]),
  );
  for (const option of named) {
    const unknown = () => parseCommandLine([option, "--help"]);
    assert.doesNotMatch(outcomeOf(unknown), /Unknown option/, option);
  }
});

function outcomeOf(call: () => unknown): string {
  try {
    return JSON.stringify(call());
  } catch (error) {
    return String(error);
  }
}
