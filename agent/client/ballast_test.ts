import assert from "node:assert/strict";
import { runInOwnProcess } from "../testing/own_process.ts";
import { Ballast, ballastSize } from "./ballast.ts";

const MB = 1024 * 1024;

/** Writes by how much the memory of its process grows. */
const GROWTH = `
  import { Ballast } from ${JSON.stringify(import.meta.resolve("./ballast.ts"))};
  const before = Deno.memoryUsage();
  using _ballast = new Ballast();
  const { external, rss } = Deno.memoryUsage();
  console.log(JSON.stringify({ external: external - before.external, rss: rss - before.rss }));`;

Deno.test("a ballast is counted by V8, and takes no memory", async () => {
  const grown = JSON.parse(await runInOwnProcess(GROWTH));
  assert(grown.external >= 64 * MB, `external memory grew by ${grown.external} bytes`);
  assert(grown.rss < 16 * MB, `${grown.rss} bytes were taken`);
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
