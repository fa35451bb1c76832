import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { ProtocolViolation } from "../wire/violation.ts";
import { RequestQueue } from "./request_queue.ts";

Deno.test("RequestQueue sends a request when the one before is answered, whatever the answer", async () => {
  const sent: unknown[] = [];
  const requests = new RequestQueue((request) => sent.push(request));
  const first = requests.add(1);
  const second = requests.add(2);
  await turn();
  assert.deepEqual(sent, [1]);
  requests.reject(new Error("not this one"));
  await assert.rejects(first, { message: "not this one" });
  assert.deepEqual(sent, [1, 2]);
  requests.answer("done");
  assert.equal(await second, "done");
});

Deno.test("RequestQueue refuses a reply that nothing waits for", async () => {
  const requests = new RequestQueue(() => {});
  assert.throws(() => requests.answer(1), ProtocolViolation);
  const request = requests.add(1);
  await turn();
  requests.answer(1);
  assert.throws(() => requests.answer(1), ProtocolViolation);
  assert.equal(await request, 1);
});

Deno.test("RequestQueue fails what waits when the operation ends, and what comes later when it is sent", async () => {
  let isOver = false;
  const requests = new RequestQueue(() => {
    if (isOver) throw new Error("it is over");
  });
  const waiting = requests.add(1);
  await turn();
  isOver = true;
  requests.end(new Error("it ended"));
  await assert.rejects(waiting, { message: "it ended" });
  await assert.rejects(requests.add(2), { message: "it is over" });
});
