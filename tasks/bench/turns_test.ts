import { deepStrictEqual } from "node:assert/strict";
import { measureInTurns } from "./turns.ts";

Deno.test("measureInTurns() samples one after the other, and leaves the first rounds out", async () => {
  const order: string[] = [];
  let count = 0;
  const contender = (name: string) => ({
    name,
    sample: () => {
      order.push(name);
      return Promise.resolve(count++);
    },
  });
  const samples = await measureInTurns([contender("a"), contender("b")], {
    rounds: 2,
    warmUps: 1,
  });
  deepStrictEqual(order, ["a", "b", "a", "b", "a", "b"]);
  deepStrictEqual(samples.map(({ values }) => values), [[2, 4], [3, 5]]);
});

Deno.test("measureInTurns() samples in a row as often as it is told", async () => {
  const order: string[] = [];
  const contender = (name: string) => ({ name, sample: () => Promise.resolve(order.push(name)) });
  const samples = await measureInTurns([contender("a"), contender("b")], {
    rounds: 1,
    warmUps: 1,
    inARow: 2,
  });
  deepStrictEqual(order, ["a", "a", "b", "b", "a", "a", "b", "b"]);
  deepStrictEqual(samples.map(({ values }) => values), [[5, 6], [7, 8]]);
});

Deno.test("measureInTurns() measures two rounds and no more when its time is up", async () => {
  const contender = { name: "a", sample: () => Promise.resolve(1) };
  const [samples] = await measureInTurns([contender], { rounds: 9, warmUps: 0, budget: -1 });
  deepStrictEqual(samples?.values, [1, 1]);
});
