import { deepStrictEqual } from "node:assert/strict";
import { runSettings } from "./run_settings.ts";

Deno.test("runSettings() has what says how tests run, and nothing else", () => {
  const environment = {
    CLUSTERTEST_STACK: "mine",
    CLUSTERTEST_BACKEND: "./backend.ts",
    CLUSTERTEST_KEEP: "",
    ...{ CLUSTERTEST_RUN: "r1", CLUSTERTEST_NODE: "node1", CLUSTERTEST_ADDRESS: "127.0.0.1" },
    ...{ TOKEN: "secret", MY_CLUSTERTEST_STACK: "secret" },
    CLUSTERTEST_DEBIAN_MIRROR: "https://joe:secret@mirror.test/debian",
    CLUSTERTEST_CACHE: "x".repeat(2_000),
  };
  const settings = runSettings(() => environment);
  deepStrictEqual(Object.entries(settings), [
    ["CLUSTERTEST_BACKEND", "./backend.ts"],
    ["CLUSTERTEST_CACHE", "x".repeat(1_000)],
    ["CLUSTERTEST_DEBIAN_MIRROR", "https://mirror.test/debian"],
    ["CLUSTERTEST_STACK", "mine"],
  ]);
});

Deno.test("runSettings() are none where the environment may not be read", () => {
  deepStrictEqual(
    runSettings(() => {
      throw new Deno.errors.NotCapable("no");
    }),
    {},
  );
});
