import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { duringWait, FollowedSignals, joinWait } from "./wait_scope.ts";

Deno.test("joinWait() tells the wait in which it is done, after whatever was awaited, and no other", async () => {
  const { signal } = new AbortController();
  const told: string[] = [];
  const wait = (name: string) => ({
    follow: () => told.push(`${name} follows`),
    tell: () => told.push(`${name} tells`),
    join: () => told.push(`${name} joins`),
  });
  const join = async () => {
    await new Promise((go) => setTimeout(go));
    joinWait({ signal, emit: () => {}, waits: new Set() });
    joinWait({ signal: undefined, emit: undefined });
  };
  await Promise.all([
    duringWait(wait("one"), join),
    duringWait(wait("outer"), () => duringWait(wait("inner"), join)),
    join(),
  ]);
  deepStrictEqual(told.sort(), [
    ...["inner follows", "inner joins", "inner tells"],
    ...["one follows", "one joins", "one tells"],
  ]);
});

Deno.test("FollowedSignals aborts with the reason of the first signal, also of one that had aborted", () => {
  const [one, other] = [new AbortController(), new AbortController()];
  using signals = new FollowedSignals();
  for (let i = 0; i < 3; i++) [one, other].forEach(({ signal }) => signals.follow(signal));
  strictEqual(signals.signal.aborted, false);
  other.abort("over");
  one.abort("late");
  strictEqual(signals.signal.reason, "over");
  using late = new FollowedSignals();
  late.follow(one.signal);
  strictEqual(late.signal.reason, "late");
});

Deno.test("FollowedSignals follows nothing any more once it is disposed", () => {
  const controller = new AbortController();
  const signals = new FollowedSignals();
  signals.follow(controller.signal);
  signals[Symbol.dispose]();
  controller.abort();
  strictEqual(signals.signal.aborted, false);
});
