import { ok, strictEqual } from "node:assert/strict";
import { Deadline } from "../../agent/deadline.ts";
import { callPod } from "./call_pod.ts";
import { DELIVERY_PORT } from "./pod_places.ts";

/** One of this machine's own, which nothing else uses. */
const OWN = "127.26.76.2";

/** Of which nobody ever hears. */
const SILENT = "192.0.2.1";

const { signal } = new AbortController();

Deno.test("callPod() waits for what does not listen yet, where it is refused", async () => {
  const where = { hostname: OWN, port: DELIVERY_PORT };
  const calling = callPod(where, { answer: 1000, signal });
  // It is refused at first: nothing listens before this turn of the event loop has ended.
  await new Promise((resolve) => setTimeout(resolve));
  using _listener = Deno.listen(where);
  using connection = await calling;
  ok(connection);
});

Deno.test("callPod() gives up what does not answer, and what comes too late", async () => {
  strictEqual(await callPod({ hostname: SILENT, port: 1 }, { answer: 50, signal }), undefined);
  using listen = new Deadline(50);
  const late = { answer: 1000, signal: listen.signal };
  strictEqual(await callPod({ hostname: OWN, port: 1 }, late), undefined);
  const aborted = { answer: 1000, signal: AbortSignal.abort() };
  strictEqual(await callPod({ hostname: OWN, port: 1 }, aborted), undefined);
});
