import assert from "node:assert/strict";
import { join } from "node:path";
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
        `Unknown backend "${name}" in a test: the known ones are ${known}; a module of your own is ` +
          "named by a path, such as ./backend.ts, or as in your imports",
      );
      return true;
    });
  });
}

/** A backend of somebody else's: that of this package, by another name. */
const OWN_BACKEND = `import { local } from "@clustertest/clustertest/local";
  export const backendFromEnvironment = () => Object.assign(local(), { name: "own" });`;

/**
 * Makes clusters in a process of its own, whose environment, current folder and configuration are not
 * those of the tests. Its folder has modules `own.ts`, `none.ts` and `wrong.ts`, and an import `own-backend`.
 */
async function createWith(variable: string): Promise<{ code: number; output: string }> {
  const program = `import { Cluster } from "@clustertest/clustertest";
    await using cluster = await Cluster.create();
    console.log(cluster.backend);
    Deno.chdir("/");
    await using again = await Cluster.create();
    console.log(again.backend);`;
  const dir = await Deno.makeTempDir({ prefix: "clustertest-backends-" });
  const { default: { imports } } = await import("../deno.json", { with: { type: "json" } });
  const absolute = Object.entries(imports).map(([name, path]) => [
    name,
    path.startsWith("./") ? import.meta.resolve(`../${path}`) : path,
  ]);
  const config = join(dir, "deno.json");
  const own = { ...Object.fromEntries(absolute), "own-backend": "./own.ts" };
  await Deno.writeTextFile(config, JSON.stringify({ imports: own }));
  await Deno.writeTextFile(join(dir, "own.ts"), OWN_BACKEND);
  await Deno.writeTextFile(join(dir, "none.ts"), "export {};");
  const wrong = "export const backendFromEnvironment = () => 5;";
  await Deno.writeTextFile(join(dir, "wrong.ts"), wrong);
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", program],
      env: { CLUSTERTEST_BACKEND: variable, NO_COLOR: "1" },
      cwd: dir,
    }).output();
    return { code, output: new TextDecoder().decode(code === 0 ? stdout : stderr) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("Cluster.create() takes the backend that CLUSTERTEST_BACKEND names", async () => {
  assert.deepEqual(await createWith("loopback"), { code: 0, output: "loopback\nloopback\n" });
  assert.deepEqual(await createWith("local"), { code: 0, output: "local\nlocal\n" });
  assert.deepEqual(await createWith(""), { code: 0, output: "local\nlocal\n" });
});

Deno.test("Cluster.create() lists the known backends when CLUSTERTEST_BACKEND names none", async () => {
  const { code, output } = await createWith("podman");
  assert.equal(code, 1);
  assert.match(output, /RangeError: Unknown backend "podman" in CLUSTERTEST_BACKEND: .*"docker"/);
});

for (const name of ["./own.ts", "own-backend"]) {
  Deno.test(`Cluster.create() takes the backend of the module "${name}", and keeps to it`, async () => {
    assert.deepEqual(await createWith(name), { code: 0, output: "own\nown\n" });
  });
}

const refused = {
  "./none.ts":
    /TypeError: Cannot use "\.\/none\.ts" of CLUSTERTEST_BACKEND as a backend: it does not/,
  "./wrong.ts":
    /TypeError: Cannot use "\.\/wrong\.ts" of .*: its backendFromEnvironment\(\) gives none, but 5/,
  "./not-there.ts":
    /TypeError: Cannot load the backend "\.\/not-there\.ts" of .*: Module not found/,
  "https://127.0.0.1:1/own.ts": /RangeError: Cannot load .*: modules from elsewhere are not loaded/,
  "npm:own": /RangeError: Cannot load .*: modules from elsewhere are not loaded/,
};

for (const [name, message] of Object.entries(refused)) {
  Deno.test(`Cluster.create() refuses the module "${name}" as a backend`, async () => {
    const { code, output } = await createWith(name);
    assert.equal(code, 1);
    assert.match(output, message);
  });
}
