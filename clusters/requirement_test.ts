import assert from "node:assert/strict";
import { requirement } from "./requirement.ts";

Deno.test("requirement() resolves to what was found", async () => {
  assert.equal(await requirement("thing", () => Promise.resolve(42)), 42);
});

Deno.test("requirement() reports in one line when it is unmet", async () => {
  const { code, stderr } = await lookForNothing({});
  assert.equal(code, 0);
  assert.equal(stderr, "Tests that need thing did not run: there is none\n");
});

Deno.test("requirement() reports once, whatever module of a test run asks", async () => {
  const dir = await Deno.makeTempDir();
  for (const name of ["one", "two"]) {
    await Deno.writeTextFile(`${dir}/${name}_test.ts`, `${LOOK} Deno.test("a", () => {});`);
  }
  const env = { CLUSTERTEST_UNMET: "" };
  const { code, stdout, stderr } = await deno(["test", "--allow-all", "--no-check", dir], env);
  assert.equal(code, 0);
  assert.equal((stdout + stderr).split("did not run").length, 2);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("requirement() throws when CLUSTERTEST_REQUIRE names it", async () => {
  const { code, stderr } = await lookForNothing({ CLUSTERTEST_REQUIRE: "other, thing" });
  assert.notEqual(code, 0);
  assert.match(stderr, /Cannot run the tests that need thing: there is none/);
});

/** Code that looks for something that is not there. */
const LOOK = `import { requirement } from "${new URL("./requirement.ts", import.meta.url)}";
  await requirement("thing", () => Promise.reject(new Error("there is none")));`;

/** In a process of its own: the environment belongs to all tests of this one. */
function lookForNothing(env: Record<string, string>): Promise<Ended> {
  return deno(["eval", "--no-config", LOOK], { CLUSTERTEST_UNMET: "", ...env });
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function deno(args: string[], env: Record<string, string>): Promise<Ended> {
  const output = await new Deno.Command(Deno.execPath(), {
    args,
    env: { CLUSTERTEST_REQUIRE: "", NO_COLOR: "1", ...env },
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: decode(output.stdout), stderr: decode(output.stderr) };
}
