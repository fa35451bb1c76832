import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { EventDetail } from "./events.ts";
import { FailureReport } from "./failure_report.ts";
import { FaultsInForce } from "./faults_in_force.ts";

/** Events at times, in seconds. */
type Timed = readonly [seconds: number, detail: EventDetail];

const PARTITION = "partition node3 from node1, node2";

const ERROR =
  'CommandError: Cannot complete `grep ready` on node "node1" (local): it exited with 1';

/** As `eventually()` fails, with the error of its last try in the first line. */
const WAIT_ERROR = `TimeoutError: it did not succeed; it failed with: ${ERROR}\nlast seen: 3`;

function injected(at: number, action = PARTITION, error?: string): Timed {
  return [at, { type: "fault-injected", fault: `fault${at}`, action, elapsed: 200, error }];
}

/** Its healing has taken 100 ms. */
function healed(at: number, since: number, error?: string): Timed {
  const fault = `fault${since}`;
  return [at, { type: "fault-healed", fault, action: PARTITION, elapsed: 100, error }];
}

function called(at: number): Timed {
  const places = ["/tests/store_test.ts:3:1"];
  return [at, { type: "wait-started", call: "eventually()", places }];
}

function commandFailed(at: number): Timed {
  const command = { node: "node1", process: "process1", command: ["grep", "ready"] };
  const end = { code: 1, signal: null, elapsed: 10, stdout: "", stderr: "" };
  return [at, { type: "command-ended", ...command, ...end }];
}

function waitFailed(at: number): Timed {
  return [at, {
    type: "wait-ended",
    call: "eventually()",
    tries: 2,
    elapsed: 9,
    error: WAIT_ERROR,
  }];
}

/** What is said of a test that has failed at 10 s. */
function lineOf(events: readonly Timed[], error = "AssertionError: no"): string | undefined {
  const faults = new FaultsInForce();
  take(faults, events);
  return faults.line({ error, time: 10_000 });
}

function take(taker: Pick<FaultsInForce, "take">, events: readonly Timed[]): void {
  for (const [at, detail] of events) taker.take({ time: at * 1000, cluster: "abc", ...detail });
}

const said = `in force: ${PARTITION}, for 4.2 s`;

const HEALED = `${said} until the test healed it`;

const CASES: readonly {
  readonly what: string;
  readonly events: readonly Timed[];
  readonly error?: string;
  readonly expected?: string | undefined;
}[] = [
  { what: "a fault that goes on", events: [injected(5.8), called(6)], expected: said },
  {
    what: "a fault whose scope has ended with the failure",
    events: [injected(5.6), called(6), healed(9.9, 5.6)],
    expected: HEALED,
  },
  {
    what: "a fault whose healing could not be shown",
    events: [injected(5.6), called(6), healed(9.9, 5.6, "no")],
    expected: HEALED,
  },
  {
    what: "a fault that was healed after the call that failed, and before others",
    events: [injected(1), commandFailed(2), healed(5.3, 1), called(6)],
    error: ERROR,
    expected: HEALED,
  },
  {
    what: "a fault that was healed before it was told that the command had ended which failed",
    events: [injected(5.6), called(6), healed(9.9, 5.6), commandFailed(9.95)],
    error: ERROR,
    expected: HEALED,
  },
  {
    what: "a fault that was healed after a wait that failed, although a try of it is told of later",
    events: [injected(5.6), waitFailed(9.7), healed(9.9, 5.6), commandFailed(9.95), called(9.96)],
    error: WAIT_ERROR,
    expected: HEALED,
  },
  {
    what: "no fault that was healed before the test went on",
    events: [injected(1), called(2), healed(3, 1), called(6)],
    expected: undefined,
  },
  {
    what: "no fault that was healed before the call that failed",
    events: [injected(1), healed(3, 1), commandFailed(6)],
    error: ERROR,
    expected: undefined,
  },
  {
    what: "no fault that was made after the call that failed",
    events: [commandFailed(2), injected(3)],
    error: ERROR,
    expected: undefined,
  },
  { what: "no fault that could not be made", events: [injected(1, PARTITION, "no")] },
  { what: "nothing where there was no fault", events: [called(6)] },
];

for (const { what, events, error, expected } of CASES) {
  Deno.test(`FaultsInForce names ${what}`, () => strictEqual(lineOf(events, error), expected));
}

Deno.test("FaultsInForce takes the wait with whose error a test fails for what has failed", () => {
  const events = [injected(1), waitFailed(4), healed(5.3, 1), called(6)];
  strictEqual(lineOf(events, WAIT_ERROR), HEALED);
  strictEqual(lineOf(events, "TimeoutError: another"), undefined);
});

Deno.test("FaultsInForce names the latest of many faults, of many nodes a part, and counts the others", () => {
  const nodes = Array.from({ length: 100 }, (_, i) => `node${i}`).join(", ");
  const actions = ["isolate a", "isolate b", "isolate c", "isolate \x1b[2Jd", `isolate ${nodes}`];
  const line = lineOf(actions.map((action, i) => injected(i, action)))!;
  match(line, /^in force: isolate c, for 8\.0 s; isolate \\x1b\[2Jd, for 7\.0 s; isolate node0, /);
  match(line, /…, for 6\.0 s; 2 more$/);
});

Deno.test("FailureReport names the faults in force, also those of an earlier test on the same cluster", () => {
  const report = new FailureReport();
  const test = { test: "it works", verdict: "failed", elapsed: 1, error: "no" } as const;
  const lines = () => report.lines({ type: "test-ended", time: 10_000, cluster: "abc", ...test });
  take(report, [injected(1), injected(2, "isolate node1"), called(3), healed(9, 2)]);
  deepStrictEqual(lines().slice(1), [
    `  in force: ${PARTITION}, for 9.0 s; isolate node1, for 6.9 s until the test healed it`,
  ]);
  take(report, [[9.5, { type: "test-started", test: "it works" }]]);
  deepStrictEqual(lines().slice(1), [`  in force: ${PARTITION}, for 9.0 s`]);
});
