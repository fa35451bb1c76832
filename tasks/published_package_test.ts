import assert from "node:assert/strict";
import { runTool } from "../agent/build/run_tool.ts";
import { removeFolder } from "../clusters/testing/remove_folder.ts";
import { LoopbackRegistry } from "./testing/loopback_registry.ts";

/** Milliseconds until a guardian has removed a folder, on a busy machine. */
const WITHIN = 20_000;

/** A test as a user writes it who has nothing but Deno and the package. */
const FOREIGN_TEST = `
import { Cluster } from "jsr:@clustertest/clustertest@0.1";
import { loopback } from "jsr:@clustertest/clustertest@0.1/loopback";

async function greet(cluster: Cluster): Promise<void> {
  await using _end = cluster;
  const node = await cluster.addNode();
  const { stdout } = await node.run("echo", ["hello from", node.backend]);
  console.log(stdout);
}

Deno.test("a local node runs", async () => greet(await Cluster.create()));
Deno.test("an agent runs", async () => greet(await Cluster.create(loopback())));
`;

/** A program that is gone before it can dispose of anything. */
const FOREIGN_PROGRAM = `
import { Cluster } from "jsr:@clustertest/clustertest@0.1";

const cluster = await Cluster.create();
const node = await cluster.addNode();
console.log(node.rootDir);
Deno.kill(Deno.pid, "SIGKILL");
`;

/** A folder that has nothing to do with this checkout, and caches of its own. */
async function foreignFolder(): Promise<AsyncDisposable & { readonly dir: string }> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-foreign-" });
  const { npmCache } = JSON.parse(await runTool([Deno.execPath(), "info", "--json"]));
  await Deno.mkdir(`${dir}/deno`);
  // What comes from npm is the same for every user.
  await Deno.symlink(npmCache, `${dir}/deno/npm`);
  await Deno.mkdir(`${dir}/project`);
  await Deno.writeTextFile(`${dir}/project/greeting_test.ts`, FOREIGN_TEST);
  await Deno.writeTextFile(`${dir}/project/main.ts`, FOREIGN_PROGRAM);
  return { dir, [Symbol.asyncDispose]: () => removeFolder(dir) };
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** The guardian writes that of a run that was killed: no other run there has failed. */
function hasReportOfKilled(dir: string): boolean {
  const runs = `${dir}/.clustertest/runs`;
  return [...Deno.readDirSync(runs)].filter(({ isDirectory }) => isDirectory)
    .some(({ name }) =>
      [...Deno.readDirSync(`${runs}/${name}`)].some((e) => e.name === "report.html")
    );
}

Deno.test("the published package works when it is imported from a registry", async (t) => {
  await using registry = await LoopbackRegistry.start();
  await using foreign = await foreignFolder();
  const { dir } = foreign;
  const env = {
    JSR_URL: registry.url,
    DENO_DIR: `${dir}/deno`,
    CLUSTERTEST_CACHE: `${dir}/cache`,
    CLUSTERTEST_BACKEND: "",
  };
  const run = (args: string[]) =>
    new Deno.Command(Deno.execPath(), { args, env, cwd: `${dir}/project` }).output();

  await t.step("it holds what is needed to use it, and no tests", () => {
    for (const path of ["/mod.ts", "/README.md", "/LICENSE", "/agent/main.ts"]) {
      assert.ok(registry.paths.includes(path), path);
    }
    const needless = registry.paths.filter((path) => /_test\.ts$|\/testing\/|^\/\.ci/.test(path));
    assert.deepEqual(needless, []);
  });

  await t.step("its nodes run, and its agent is built from it", async () => {
    const { code, stdout, stderr } = await run(["test", "--allow-all"]);
    const output = new TextDecoder().decode(stdout);
    assert.equal(code, 0, output + new TextDecoder().decode(stderr));
    assert.match(output, /hello from local/);
    assert.match(output, /hello from loopback/);
    assert.ok(await isThere(`${dir}/cache/agent`));
  });

  await t.step("its sweep runs without a checkout", async () => {
    const program = "jsr:@clustertest/clustertest@0.1/sweep";
    const { code, stdout } = await run([
      "run",
      "--allow-all",
      program,
      "--backend",
      "local",
      "--run",
      "nobody",
    ]);
    assert.equal(code, 0);
    assert.equal(new TextDecoder().decode(stdout), "Nothing was left behind\n");
  });

  await t.step("its tasks that look into runs do so without a checkout", async () => {
    const program = "jsr:@clustertest/clustertest@0.1/runs";
    const { code, stdout } = await run(["run", "--allow-all", program, "last"]);
    assert.equal(code, 0);
    assert.match(new TextDecoder().decode(stdout), / deno test --allow-all, in /);
    const logs = await run(["run", "--allow-all", "jsr:@clustertest/clustertest@0.1/logs"]);
    const shell = await run(["run", "--allow-all", "jsr:@clustertest/clustertest@0.1/shell"]);
    assert.equal(shell.code, 0);
    assert.match(new TextDecoder().decode(logs.stdout), /\/node1 \d+-\w+ \| hello from local\n/);
  });

  await t.step("its guardian removes what a killed runner has left", async () => {
    const { signal, stdout } = await run(["run", "--allow-all", "--quiet", "main.ts"]);
    assert.equal(signal, "SIGKILL");
    const rootDir = new TextDecoder().decode(stdout).trim();
    assert.match(rootDir, /\/node1$/);
    const deadline = performance.now() + WITHIN;
    while (await isThere(rootDir) || !hasReportOfKilled(`${dir}/project`)) {
      assert.ok(performance.now() < deadline, `${rootDir} is still there, or there is no report`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});
