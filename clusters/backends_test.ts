import assert from "node:assert/strict";
import { backendByName, backendNames } from "./backends.ts";

for (const name of backendNames) {
  Deno.test(`backendByName() finds the backend "${name}", which says that it is it`, async () => {
    assert.equal((await backendByName(name, "a test")).name, name);
  });
}

for (const name of ["podman", "", "toString", "LOCAL"]) {
  Deno.test(`backendByName() lists the known ones when asked for "${name}"`, async () => {
    await assert.rejects(backendByName(name, "a test"), (error: Error) => {
      assert.ok(error instanceof RangeError);
      const known = backendNames.map((each) => `"${each}"`).join(", ");
      assert.equal(
        error.message,
        `Unknown backend "${name}" in a test: the known ones are ${known}`,
      );
      return true;
    });
  });
}

/** Makes a cluster in a process of its own: the environment belongs to all tests of this one. */
async function createWith(variable: string): Promise<{ code: number; output: string }> {
  const module = import.meta.resolve("../mod.ts");
  const program = `import { Cluster } from ${JSON.stringify(module)};
    await using cluster = await Cluster.create();
    console.log(cluster.backend);`;
  const dir = await Deno.makeTempDir({ prefix: "clustertest-backends-" });
  try {
    const config = new URL("../deno.json", import.meta.url).pathname;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--config", config, program],
      env: { CLUSTERTEST_BACKEND: variable, NO_COLOR: "1" },
      cwd: dir,
    }).output();
    return { code, output: new TextDecoder().decode(code === 0 ? stdout : stderr) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("Cluster.create() takes the backend that CLUSTERTEST_BACKEND names", async () => {
  assert.deepEqual(await createWith("loopback"), { code: 0, output: "loopback\n" });
  assert.deepEqual(await createWith("local"), { code: 0, output: "local\n" });
  assert.deepEqual(await createWith(""), { code: 0, output: "local\n" });
});

Deno.test("Cluster.create() lists the known backends when CLUSTERTEST_BACKEND names none", async () => {
  const { code, output } = await createWith("podman");
  assert.equal(code, 1);
  assert.match(output, /RangeError: Unknown backend "podman" in CLUSTERTEST_BACKEND: .*"docker"/);
});
