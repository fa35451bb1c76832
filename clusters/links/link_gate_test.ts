import { rejects, strictEqual } from "node:assert/strict";
import { LinkGate } from "./link_gate.ts";

/** Never aborts. */
const { signal } = new AbortController();

Deno.test("LinkGate lets all pass as long as no hold concerns it", () => {
  const gate = new LinkGate();
  strictEqual(gate.passage(80, signal), undefined);
  using other = gate.hold({ port: 443 });
  using udp = gate.hold({ protocol: "udp" });
  strictEqual(gate.passage(80, signal), undefined);
  strictEqual(other.count + udp.count, 0);
});

Deno.test("LinkGate holds what is concerned until the last hold is over, and counts it", async () => {
  const gate = new LinkGate();
  const [one, two] = [gate.hold({}), gate.hold({ port: 80, protocol: "tcp" })];
  let hasPassed = false;
  const passage = gate.passage(80, signal)!.then(() => hasPassed = true);
  strictEqual(one.count + two.count, 2);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  await Promise.resolve();
  strictEqual(gate.passage(443, signal), undefined);
  strictEqual(hasPassed, false);
  two[Symbol.dispose]();
  await passage;
});

Deno.test("LinkGate gives up a passage when its signal aborts, with the reason", async () => {
  const gate = new LinkGate();
  using _hold = gate.hold({});
  const controller = new AbortController();
  const reason = new Error("enough");
  const passage = gate.passage(80, controller.signal)!;
  controller.abort(reason);
  await rejects(passage, (error) => error === reason);
});
