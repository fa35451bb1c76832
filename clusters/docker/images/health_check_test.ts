import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readHealthCheck } from "./health_check.ts";

const SECOND = 1e9;

Deno.test("readHealthCheck() takes commands as they are, and lines for the image's shell", () => {
  const commandOf = (Test: string[], Shell?: string[]) =>
    readHealthCheck({ Healthcheck: { Test }, Shell: Shell ?? null })?.command;
  deepStrictEqual(commandOf(["CMD", "redis-cli", "ping"]), ["redis-cli", "ping"]);
  deepStrictEqual(commandOf(["CMD-SHELL", "test -e x"]), ["/bin/sh", "-c", "test -e x"]);
  deepStrictEqual(commandOf(["CMD-SHELL", "x"], ["/bin/bash", "-ec"]), ["/bin/bash", "-ec", "x"]);
});

Deno.test("readHealthCheck() finds none where there is none", () => {
  for (const Test of [["NONE"], [], ["CMD"], ["CMD-SHELL"], ["OTHER", "x"], null]) {
    strictEqual(readHealthCheck({ Healthcheck: { Test } }), undefined);
  }
  strictEqual(readHealthCheck({}), undefined);
  strictEqual(readHealthCheck({ Healthcheck: null }), undefined);
});

Deno.test("readHealthCheck() takes the engine's times where the image has none of its own", () => {
  const Test = ["CMD", "x"];
  const command = ["x"];
  deepStrictEqual(readHealthCheck({ Healthcheck: { Test, Interval: 0, Retries: 0 } }), {
    command,
    interval: 30_000,
    startInterval: 30_000,
    timeout: 30_000,
    startPeriod: 0,
    retries: 3,
  });
  const Healthcheck = {
    Test,
    Interval: 2 * SECOND,
    Timeout: 3 * SECOND,
    StartPeriod: 4 * SECOND,
    StartInterval: SECOND / 2,
    Retries: 5,
  };
  deepStrictEqual(readHealthCheck({ Healthcheck }), {
    command,
    interval: 2_000,
    startInterval: 500,
    timeout: 3_000,
    startPeriod: 4_000,
    retries: 5,
  });
});
