import { deepStrictEqual, match, ok } from "node:assert/strict";
import { dirname } from "node:path";
import { awaitState, commandLines } from "../guardian/testing/command_lines.ts";
import { readRecipes } from "../recipes/mod.ts";
import { removeFolder } from "../testing/remove_folder.ts";

/** Milliseconds until everything has to be gone, on a machine that is busy with other tests. */
const WITHIN = 20_000;

/** As a project that uses the package would have it: named by `CLUSTERTEST_BACKEND`. */
const BACKEND = `
import { composed } from "@clustertest/clustertest/composed";
import { local } from "@clustertest/clustertest/local";
import { loopback } from "@clustertest/clustertest/loopback";

export function backendFromEnvironment() {
  return composed({ there: loopback(), here: local() });
}
`;

/** Does on a node of each member what its first argument says, says where they are, and waits. */
const RUNNER = `
import { Cluster } from "@clustertest/clustertest";

await using cluster = await Cluster.create(undefined, { progress: false });
const nodes = await cluster.addNodes([{}, { in: "here" }]);
await cluster.each((node) => node.spawn("sh", ["-c", Deno.args[0]]));
console.log(JSON.stringify(nodes.map(({ backend, rootDir }) => [backend, rootDir])));
await new Promise((resolve) => setTimeout(resolve, 3_600_000));
`;

Deno.test({
  name:
    "CLUSTERTEST_BACKEND may name a composed backend, and a guardian leaves nothing of its members",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await Deno.makeTempDir({ prefix: "clustertest-composed-" });
    const { imports } = (await import("../../deno.json", { with: { type: "json" } })).default;
    const config = Object.fromEntries(
      Object.entries(imports).map(([name, target]) =>
        [name, target.startsWith("./") ? import.meta.resolve(`../../${target}`) : target] as const
      ),
    );
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify({ imports: config }));
    await Deno.writeTextFile(`${dir}/backend.ts`, BACKEND);
    await Deno.writeTextFile(`${dir}/runner.ts`, RUNNER);
    // In the command lines of the nodes' processes alone.
    const command = `sleep 1000.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const runner = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", "--no-lock", "--no-check", "runner.ts"]
        .concat(`setsid ${command} & ${command}; true`),
      cwd: dir,
      env: { CLUSTERTEST_BACKEND: "./backend.ts", XDG_STATE_HOME: dir },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const complaints = new Response(runner.stderr).text();
    const reader = runner.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    const { recipes } = await readRecipes(`${dir}/clustertest`);
    runner.kill("SIGKILL");
    await runner.status;
    await reader.cancel();
    ok(value !== undefined, await complaints);
    const nodes = JSON.parse(value) as [backend: string, rootDir: string][];
    deepStrictEqual(nodes.map(([backend]) => backend), ["loopback", "local"]);
    const folders = nodes.map(([, rootDir]) => dirname(rootDir));
    // What the environment means as well is not kept, and a module of the project is needed for none of it.
    deepStrictEqual(recipes, []);
    const left = async () => {
      const there = await Promise.all(
        folders.map((folder) => Deno.lstat(folder).then(() => [folder], () => [])),
      );
      return [...await commandLines([command, ...folders]), ...there.flat()];
    };
    await awaitState(left, ({ length }) => length === 0, WITHIN);
    const text = await complaints;
    match(text, /^(?![\s\S]*Cannot guard)/);
    await removeFolder(dir);
  },
});
