import assert from "node:assert/strict";
import { dirname } from "node:path";
import { readRecipes } from "../recipes/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { Guardian } from "./guardian.ts";
import { awaitState, commandLines } from "./testing/command_lines.ts";
import { makeOwnBackendProject } from "./testing/own_backend_project.ts";
import { removeFolder } from "../testing/remove_folder.ts";

/** Milliseconds until everything has to be gone, on a machine that is busy with other tests. */
const WITHIN = 20_000;

Deno.test({
  name: "a guardian leaves nothing of a backend that is a module of the runner's own project",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await makeOwnBackendProject();
    // In the command line of the node's processes alone.
    const command = `sleep 1000.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const runner = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", "--no-lock", "--no-check", "runner.ts"]
        .concat(`setsid ${command} & ${command}; true`),
      cwd: dir,
      env: { CLUSTERTEST_BACKEND: "./own_backend.ts", XDG_STATE_HOME: dir },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const complaints = new Response(runner.stderr).text();
    const reader = runner.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value: root } = await reader.read();
    const kept = async () => (await readRecipes(`${dir}/clustertest`)).recipes;
    const [recipe, ...others] = await kept();
    runner.kill("SIGKILL");
    await runner.status;
    await reader.cancel();
    assert.ok(root !== undefined, await complaints);
    const folder = dirname(root);
    assert.match(folder, /^\/tmp\/clustertest-own\/\w+$/);
    const left = async () => {
      const isThere = await Deno.lstat(folder).then(() => true, () => false);
      return [...await commandLines([command, folder]), ...isThere ? [folder] : []];
    };
    await awaitState(left, ({ length }) => length === 0, WITHIN);
    assert.doesNotMatch(await complaints, /Cannot guard/);
    // For a sweep, until the guardian has found nothing any more.
    assert.equal(recipe?.backend, `file://${dir}/own_backend.ts`);
    assert.deepEqual(others, []);
    await awaitState(
      async () => (await kept()).map(({ run }) => run),
      ({ length }) => length === 0,
      WITHIN,
    );
    await removeFolder(dir);
  },
});

Deno.test("Guardian.watch() says once when a backend's module cannot be loaded by a guardian", async () => {
  const run = { id: `test-${crypto.randomUUID()}`, owner: currentProcess() };
  const dir = await Deno.makeTempDir();
  const module = `file://${dir}/own.ts`;
  await Deno.writeTextFile(`${dir}/own.ts`, 'import "not-mapped";\nDeno.exit(0);');
  const told: string[] = [];
  const options = {
    recipe: { module, options: {} },
    onUnguarded: (reason: string) => void told.push(reason),
  };
  const watches = [await Guardian.watch(run, options), await Guardian.watch(run, { ...options })];
  for (const watch of watches) await watch[Symbol.asyncDispose]();
  await Deno.remove(dir, { recursive: true });
  assert.equal(told.length, 1, told.join("\n"));
  assert.match(told[0]!, /^Cannot guard what file:.*\/own\.ts makes: .*"not-mapped"/);
});

Deno.test("Guardian.watch() keeps a recipe for sweeps until all was given back", async () => {
  const run = { id: `test-${crypto.randomUUID()}`, owner: currentProcess() };
  const module = import.meta.resolve("./testing/second_sweep.ts");
  const options = { recipe: { module, options: { file: "none" } }, onUnguarded() {} };
  const kept = async () =>
    (await readRecipes()).recipes.filter((recipe) => recipe.run === run.id).length;
  const watches = [await Guardian.watch(run, options), await Guardian.watch(run, { ...options })];
  assert.equal(await kept(), 1);
  await watches[0]![Symbol.asyncDispose]();
  assert.equal(await kept(), 1);
  await watches[1]![Symbol.asyncDispose]();
  assert.equal(await kept(), 0);
});
