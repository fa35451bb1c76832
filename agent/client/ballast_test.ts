import assert from "node:assert/strict";
import { Ballast, ballastSize } from "./ballast.ts";

const MB = 1024 * 1024;

Deno.test("a ballast is counted by V8, and takes no memory", () => {
  const before = Deno.memoryUsage();
  using _ballast = new Ballast();
  const { external, rss } = Deno.memoryUsage();
  assert(external - before.external >= 64 * MB, `external memory grew by ${external} bytes`);
  assert(rss - before.rss < 16 * MB, `${rss - before.rss} bytes were taken`);
});

Deno.test("all who hold a ballast share one, until the last has let go of it", () => {
  const before = Deno.memoryUsage().external;
  const first = new Ballast();
  const one = Deno.memoryUsage().external - before;
  const second = new Ballast();
  const grown = () => Deno.memoryUsage().external - before;
  assert(grown() < 1.5 * one);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert(grown() > 0.5 * one);
  second[Symbol.dispose]();
  assert(grown() < 0.5 * one);
});

Deno.test("a heap that must stay small gets a small ballast", () => {
  assert.equal(ballastSize(4192 * MB), 1024 * MB);
  assert.equal(ballastSize(256 * MB), 64 * MB);
});
