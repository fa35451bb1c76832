import assert from "node:assert/strict";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";

/** Milliseconds: longer than one attempt to connect may take. */
const STANDSTILL = 33_000;

Deno.test("a session is opened though its agent stands still for a while, as on a machine that is busy", async () => {
  await using enrolled = await startEnrolled();
  const { agent: { pid } } = enrolled;
  Deno.kill(pid, "SIGSTOP");
  const opening = openHost(enrolled, {
    persists: true,
    signal: AbortSignal.timeout(10 * STANDSTILL),
  });
  await new Promise((go) => setTimeout(go, STANDSTILL));
  Deno.kill(pid, "SIGCONT");
  await using host = await opening;
  assert.ok((await host.network.hostname()).length > 0);
});
