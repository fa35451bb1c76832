import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { memoryBytes } from "../kit/mod.ts";
import { mergeOptions, validateOptions } from "./merge_options.ts";
import type { DockerNodeOptions } from "./docker_options.ts";

Deno.test("mergeOptions() lets a node override its backend, and adds to tables", () => {
  const backend: DockerNodeOptions = { image: "a", cpus: 1, env: { A: "1", B: "1" } };
  const merged = mergeOptions(backend, { image: "b", cpus: undefined, env: { B: "2" }, name: "n" });
  strictEqual(merged.image, "b");
  strictEqual(merged.cpus, 1);
  deepStrictEqual(merged.env, { A: "1", B: "2" });
  strictEqual("name" in merged, false);
});

Deno.test("mergeOptions() says how to name an image when there is none", () => {
  throws(() => mergeOptions({}), /docker\(\{ image \}\) or set CLUSTERTEST_DOCKER_IMAGE/);
});

const refused: [DockerNodeOptions, RegExp][] = [
  [{ image: "no image" }, /Cannot use "no image" as the name of an image/],
  [{ cpus: 0 }, /Cannot use 0 as cpus/],
  [{ cpus: NaN }, /as cpus/],
  [{ memory: "1m" }, /96m is the least/],
  [{ memory: "lots" as "1m" }, /Cannot use "lots" as memory/],
  [{ platform: "windows/amd64" as "linux/amd64" }, /one of "linux\/amd64", "linux\/arm64"/],
  [{ pull: "sometimes" as "never" }, /Cannot use "sometimes" as pull/],
  [{ network: "none" }, /an agent has to be reached/],
  [{ ports: [{ port: 0 }] }, /Cannot use 0 as port/],
  [{ ports: [{ port: 80, hostPort: 70000 }] }, /Cannot use 70000 as hostPort/],
  [{ ports: [{ port: 80 }, { port: 80 }] }, /"80\/tcp" as port: .* not published already/],
  [{ ports: [{ port: 26761 }] }, /"26761\/tcp" as port/],
  [{ startTimeout: 0 }, /Cannot use 0 as startTimeout/],
  [{ volumes: { "data": {} } }, /it has to be absolute/],
  [{ tmpfs: { "tmp": "" } }, /it has to be absolute/],
  [{ labels: { "clustertest.run": "x" } }, /Cannot use "clustertest\.run" as label/],
];

for (const [options, message] of refused) {
  Deno.test(`validateOptions() refuses ${JSON.stringify(options)}`, () => {
    throws(() => validateOptions(options), message);
  });
}

Deno.test("memoryBytes() reads numbers with and without a unit", () => {
  strictEqual(memoryBytes(200_000_000), 200_000_000);
  strictEqual(memoryBytes("128m"), 128 * 1024 * 1024);
  strictEqual(memoryBytes("1.5g"), 1.5 * 1024 ** 3);
  strictEqual(memoryBytes("131072k"), 128 * 1024 * 1024);
});
