import { deepStrictEqual } from "node:assert/strict";
import { splitEnvironment } from "./environment.ts";

const pack = { env: { DENO_DIR: "/proc/x", NO_COLOR: "1" } };

Deno.test("splitEnvironment() keeps what would change the agent for its processes", () => {
  const env = { PATH: "/bin", LD_PRELOAD: "x.so", DENO_DIR: "/cache", NODE_OPTIONS: "-x" };
  const { container, processes } = splitEnvironment({ env: { A: "1" } }, { image: { env }, pack });
  deepStrictEqual(container, ["LD_PRELOAD", "NODE_OPTIONS", "DENO_DIR=/proc/x", "NO_COLOR=1"]);
  deepStrictEqual(processes, {
    LD_PRELOAD: "x.so",
    DENO_DIR: "/cache",
    NODE_OPTIONS: "-x",
    A: "1",
  });
});

Deno.test("splitEnvironment() has an agent save memory where there is little", () => {
  const [small, large] = (["255m", "256m"] as const)
    .map((memory) => splitEnvironment({ memory }, { image: { env: {} }, pack }));
  const flags = "DENO_V8_FLAGS=--optimize-for-size,--expose-gc";
  deepStrictEqual(small!.container, ["DENO_DIR=/proc/x", "NO_COLOR=1", flags]);
  deepStrictEqual(large!.container, ["DENO_DIR=/proc/x", "NO_COLOR=1"]);
});

Deno.test("splitEnvironment() puts temporary files where they can be written", () => {
  const parts = { image: { env: {} }, pack };
  const readOnlyRoot = true;
  const root = "/clustertest/node/root";
  deepStrictEqual(splitEnvironment({ readOnlyRoot }, parts).processes, { TMPDIR: root });
  deepStrictEqual(splitEnvironment({ readOnlyRoot, tmpfs: { "/tmp": "" } }, parts).processes, {});
  deepStrictEqual(splitEnvironment({}, parts).processes, {});
});
