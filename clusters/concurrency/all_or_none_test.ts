import { deepStrictEqual, rejects } from "node:assert/strict";
import { delay } from "../../agent/delay.ts";
import { allOrNone } from "./all_or_none.ts";

const undone: number[] = [];
const undo = (made: number): Promise<unknown> => Promise.resolve(undone.push(made));

Deno.test("allOrNone() makes all, in the order of what they are made of", async () => {
  const make = async (item: number): Promise<number> => {
    await delay(10 * (3 - item));
    return item * item;
  };
  deepStrictEqual(await allOrNone([1, 2, 3], { make, undo, signals: [] }), [1, 4, 9]);
});

Deno.test("allOrNone() throws the first failure, which ends the others, and undoes what was made", async () => {
  undone.length = 0;
  const make = async (item: number, signal: AbortSignal): Promise<number> => {
    if (item === 1) return item;
    if (item === 2) throw new Error("the first");
    await delay(60_000, signal);
    return item;
  };
  await rejects(allOrNone([1, 2, 3], { make, undo, signals: [] }), /^Error: the first$/);
  deepStrictEqual(undone, [1]);
});

Deno.test("allOrNone() throws the reason of a signal that aborts, even once all are made", async () => {
  undone.length = 0;
  const controller = new AbortController();
  const make = (item: number): Promise<number> => {
    if (item === 2) controller.abort(new Error("enough"));
    return Promise.resolve(item);
  };
  const { signal } = controller;
  await rejects(allOrNone([1, 2], { make, undo, signals: [signal] }), /^Error: enough$/);
  deepStrictEqual(undone, [1, 2]);
});
