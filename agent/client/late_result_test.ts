import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { setTimeout as delay } from "node:timers/promises";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";

/** Milliseconds for which the runner does not look at what comes, once something was made. */
const BUSY = 200;

/** Turns of the event loop in which a request is on its way. */
const TURNS = 50;

/** Milliseconds in which an agent makes something, on a machine that has much else to do. */
const PATIENCE = 20_000;

Deno.test("an agent's host removes what was made before it heard that nobody wants it", async () => {
  await using enrolled = await startEnrolled();
  await using host = await openHost(enrolled);
  const { rootDir } = enrolled.agent;
  const files = () => [...Deno.readDirSync(rootDir)].map(({ name }) => name);
  const controller = new AbortController();
  const args = { kind: "file", dir: "." } as const;
  // The request leaves while nobody answers it; its answer comes while this thread does nothing.
  enrolled.agent.kill("SIGSTOP");
  const making = host.files.call("makeTemp", args, { signal: controller.signal });
  for (let turn = 0; turn < TURNS; turn++) await new Promise(setImmediate);
  enrolled.agent.kill("SIGCONT");
  for (let waited = 0; waited < PATIENCE && files().length === 0; waited++) pauseThread(1);
  pauseThread(BUSY);
  assert.equal(files().length, 1);
  const reason = new Error("Enough");
  controller.abort(reason);
  await assert.rejects(making, reason);
  const late = { signal: AbortSignal.timeout(PATIENCE) };
  while (files().length > 0) await delay(5, undefined, late);
});

/** Nothing of this thread runs meanwhile. */
function pauseThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
