import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { docker } from "../docker/mod.ts";
import { ec2 } from "../ec2/mod.ts";
import { local } from "../local/mod.ts";
import { abilitiesOf } from "./abilities_of.ts";
import { Cluster } from "./cluster.ts";

Deno.test("abilitiesOf() tells what a backend has, without starting anything", async () => {
  for (const backend of [local(), docker(), ec2()]) {
    deepStrictEqual(await abilitiesOf(backend), backend.abilities);
  }
  const [here, there] = [await abilitiesOf(local()), await abilitiesOf(docker())];
  strictEqual(here.includes("partition"), false);
  ok(there.includes("partition"));
});

Deno.test("abilitiesOf() without a backend is of the one that a cluster would have", async () => {
  await using cluster = await Cluster.create();
  deepStrictEqual(await abilitiesOf(), cluster.abilities);
});

Deno.test("abilitiesOf() refuses what is no backend, at the author's line", async () => {
  for (const wrong of [{}, "docker", 5]) {
    const error = await abilitiesOf(wrong as never).catch((error) => error);
    strictEqual(error.name, "TypeError");
    ok(error.stack.split("\n")[1].includes("abilities_of_test.ts"), error.stack);
  }
  await rejects(abilitiesOf("docker" as never), /^TypeError: Cannot tell abilities: .* no backend/);
});
