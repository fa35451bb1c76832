import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { duringWait, joinWait } from "../concurrency/mod.ts";
import type { EventDetail } from "../events/mod.ts";
import { eventually } from "./eventually.ts";

/** Collects events, as a cluster does. */
function collector(): { readonly events: EventDetail[]; readonly emit: (e: EventDetail) => void } {
  const events: EventDetail[] = [];
  return { events, emit: (event) => events.push(event) };
}

Deno.test("eventually() is an event of each cluster that its check concerns, once", async () => {
  const [one, other, none] = [collector(), collector(), collector()];
  const told = () => none.emit({ type: "note", text: "outer" });
  const outer = { follow: () => {}, join: told, tell: told };
  let tries = 0;
  const check = () => {
    joinWait({ signal: undefined, emit: one.emit });
    if (++tries === 2) joinWait({ signal: undefined, emit: other.emit });
    if (tries < 3) throw new Error("not yet");
  };
  await duringWait(outer, () => eventually(check, { interval: 0, timeout: 60_000 }));
  for (const { events } of [one, other]) {
    const [started, ended] = events as never as [
      { type: string; call: string; timeout: number; places: string[]; node?: string },
      { type: string; call: string; tries: number; elapsed: number; error?: string },
    ];
    deepStrictEqual(
      [events.length, started.type, started.call, started.timeout, started.node],
      [2, "wait-started", "eventually(check)", 60_000, undefined],
    );
    match(started.places[0]!, /wait_events_test\.ts:\d+:\d+$/);
    deepStrictEqual(
      [ended.type, ended.call, ended.tries, ended.error],
      ["wait-ended", "eventually(check)", 3, undefined],
    );
  }
  deepStrictEqual(none.events, []);
});

Deno.test("eventually() tells how it has failed, and of no try that is still under way then", async () => {
  const [one, late] = [collector(), collector()];
  const hanging = Promise.withResolvers<void>();
  const check = async () => {
    joinWait({ signal: undefined, emit: one.emit });
    await hanging.promise;
    joinWait({ signal: undefined, emit: late.emit });
  };
  await rejects(eventually(check, { timeout: 20 }), /tried once/);
  hanging.resolve();
  await new Promise((go) => setTimeout(go));
  deepStrictEqual(late.events, []);
  const ended = one.events[1] as Extract<EventDetail, { type: "wait-ended" }>;
  match(ended.error!, /^TimeoutError: Cannot complete eventually\(check\)/);
  deepStrictEqual([one.events.length, ended.tries], [2, 1]);
});
