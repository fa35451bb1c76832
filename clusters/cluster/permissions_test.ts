import { match, strictEqual } from "node:assert/strict";

/** All that a cluster needs, each by its flag. */
const FLAGS = ["env", "ffi", "net", "read", "run", "sys", "write"].map((name) => `--allow-${name}`);

/** Makes a cluster in a process that has these permissions; resolves to what the process wrote. */
async function createWith(backend: string, flags: readonly string[]): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-permissions-" });
  const file = `${dir}/program.ts`;
  const module = (path: string) => JSON.stringify(import.meta.resolve(path));
  await Deno.writeTextFile(
    file,
    `import { Cluster } from ${module("./mod.ts")};
    import { ${backend} } from ${module(`../${backend}/mod.ts`)};
    try {
      const backend = ${backend}(${backend === "docker" ? '{ image: "busybox" }' : ""});
      await Cluster.create(backend, { progress: false });
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }`,
  );
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--quiet", "--config", config, ...flags, file],
    env: { NO_COLOR: "1" },
    cwd: dir,
  }).output();
  await Deno.remove(dir, { recursive: true });
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

for (const backend of ["local", "loopback", "docker"]) {
  Deno.test(`Cluster.create() on ${backend} names the permission that is missing`, async () => {
    for (const missing of FLAGS) {
      const output = await createWith(backend, FLAGS.filter((flag) => flag !== missing));
      // A backend reads variables when it is made, before there is a cluster.
      if (missing === "--allow-env" && !output.startsWith("NotCapable: Cannot create")) {
        match(
          output,
          /^NotCapable: Requires env access to "[A-Z_]+", run again with the --allow-env/,
        );
        continue;
      }
      strictEqual(
        output,
        `NotCapable: Cannot create a cluster: ${missing} is missing: run tests with --allow-all\n`,
      );
    }
  });
}

Deno.test("Cluster.create() says what to run tests with when there are no permissions", async () => {
  const output = await createWith("local", []);
  strictEqual(output, "NotCapable: Cannot create a cluster: run tests with --allow-all\n");
});
