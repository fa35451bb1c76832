import { strictEqual } from "node:assert/strict";
import type { ProcessStatus } from "../../agent/host/host.ts";
import { EndRequests } from "./end_requests.ts";

/** How a process may end. */
const endedBy = (signal: Deno.Signal | null): ProcessStatus => ({
  success: false,
  code: 1,
  signal,
  elapsed: 1,
});

/** What a test has done, how the process ended, and whether the one explains the other. */
const CASES: readonly (readonly [
  does: (requests: EndRequests) => void,
  end: ProcessStatus | undefined,
  explained: boolean,
])[] = [
  [() => {}, endedBy(null), false],
  [() => {}, undefined, false],
  [(requests) => requests.add(), endedBy(null), true],
  [(requests) => requests.add(), undefined, true],
  [(requests) => requests.addSignal("SIGTERM"), endedBy(null), true],
  [(requests) => requests.addSignal("SIGTERM"), endedBy("SIGKILL"), true],
  [(requests) => requests.addSignal("SIGHUP"), endedBy(null), false],
  [(requests) => requests.addSignal("SIGHUP"), endedBy("SIGHUP"), true],
  [(requests) => requests.addSignal("SIGHUP"), endedBy("SIGSEGV"), false],
  [(requests) => requests.addSignal("SIGUSR1"), undefined, false],
];

Deno.test("EndRequests explains an end by what was asked, and by no signal that asks for less", () => {
  for (const [i, [does, end, explained]] of CASES.entries()) {
    const requests = new EndRequests();
    does(requests);
    strictEqual(requests.explain(end), explained, `case ${i}`);
  }
});
