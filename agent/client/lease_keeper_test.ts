import { deepStrictEqual } from "node:assert/strict";
import type { ClockOffset } from "./clock_offset.ts";
import { LeaseKeeper } from "./lease_keeper.ts";
import type { LeaseConnection, LeaseEvents } from "./lease_route.ts";

/** Clocks of this side that stand still until they are told to go on. */
class StoppedClocks implements Disposable {
  readonly #date = Date.now;
  readonly #performance = performance.now;
  #passed = 0;

  constructor() {
    Date.now = () => 1_000_000 + this.#passed;
    performance.now = () => this.#passed;
  }

  pass(milliseconds: number): void {
    this.#passed += milliseconds;
  }

  [Symbol.dispose](): void {
    Date.now = this.#date;
    performance.now = this.#performance;
  }
}

Deno.test("LeaseKeeper says how wrong a clock may be, and says it again when it knows more", async () => {
  using clocks = new StoppedClocks();
  const said: ClockOffset[] = [];
  const connection: LeaseConnection = { send: () => {}, terminate: () => {} };
  let events!: LeaseEvents;
  await using keeper = new LeaseKeeper({
    route: (given) => {
      events = given;
      return {
        connect: () => given.opened(connection),
        dial: () => Promise.reject(new Error("unused")),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
    onClock: (clock) => said.push(clock),
  });
  /** A reply of a clock that is so far ahead, which takes so long, of which half to the agent. */
  const beat = (ahead: number, roundTrip: number) => {
    keeper.beat();
    clocks.pass(roundTrip);
    events.said(JSON.stringify({ time: Date.now() - roundTrip / 2 + ahead }));
  };
  beat(100, 20);
  // Not further than it may be wrong, or not worth it.
  beat(108, 18);
  beat(102, 16);
  deepStrictEqual(said, [{ offset: 100, error: 15 }]);
  // Known far better.
  beat(101, 2);
  // Slow, so it says nothing, although it looks as if it had moved.
  beat(140, 100);
  // It has moved.
  beat(200, 2);
  deepStrictEqual(said.slice(1), [{ offset: 101, error: 6 }, { offset: 200, error: 6 }]);
});
