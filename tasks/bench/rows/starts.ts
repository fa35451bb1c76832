import { join } from "node:path";
import { below, isWithin } from "../goals.ts";
import { runProgram } from "../program.ts";
import { CLUSTERTEST, type Row } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";

/** The project's own folder. */
const PROJECT = new URL("../../../", import.meta.url);

/** A test that prints the time at which it has what it waits for. */
function testOf(setUp: string): string {
  return `${setUp.trim()}
    console.log("\\nREADY " + (performance.timeOrigin + performance.now()));
  });`;
}

const firstNode = testOf(`
  import { Cluster } from "@clustertest/clustertest";
  Deno.test("first node", async () => {
    await using cluster = await Cluster.create(undefined, { progress: false });
    await cluster.addNode();
`);

const nothing = testOf(`Deno.test("nothing", () => {`);

/** Runs a test in a process of its own; resolves to the milliseconds until it was ready. */
async function untilReady(test: string, env: Record<string, string>): Promise<number> {
  const config = new URL("deno.json", PROJECT).pathname;
  const started = performance.timeOrigin + performance.now();
  const output = await runProgram(Deno.execPath(), ["test", "-A", "--config", config, test], {
    cwd: new URL(".", PROJECT).pathname,
    env: { CLUSTERTEST_BACKEND: "local", NO_COLOR: "1", ...env },
  });
  return Number(/READY ([\d.]+)/.exec(output)?.[1]) - started;
}

/** A place for Deno's caches in which nothing is but the packages from npm. */
async function emptyCache(surroundings: Surroundings): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: await surroundings.scratch() });
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  await Deno.symlink(npmCache, join(folder, "npm"));
  return folder;
}

function startRow(state: "cold" | "warm"): Row {
  return {
    id: `start-${state}`,
    title: `from the start of "deno test" to the first local node, ${state} caches`,
    unit: "ms",
    rounds: state === "cold" ? 3 : 7,
    warmUps: state === "cold" ? 0 : 1,
    goals: [isWithin("an empty test", state === "cold" ? 20 : 3)],
    contenders: async (surroundings) => {
      const folder = await surroundings.scratch();
      const sample = async (name: string, content: string) => {
        const test = join(folder, `${name}_${state}_test.ts`);
        await Deno.writeTextFile(test, content);
        return async () => {
          if (state === "warm") return await untilReady(test, {});
          return await untilReady(test, { DENO_DIR: await emptyCache(surroundings) });
        };
      };
      return [
        { name: CLUSTERTEST, sample: await sample("first_node", firstNode) },
        { name: "an empty test", sample: await sample("nothing", nothing) },
      ];
    },
  };
}

/** Milliseconds of an import, in a process that has imported nothing else. */
async function importTime(specifier: string): Promise<number> {
  // Not a literal in the import: Deno would load that before the program starts.
  const program = `const specifier = ${JSON.stringify(specifier)};
    const started = performance.now();
    await import(specifier);
    console.log(performance.now() - started);`;
  const config = new URL("deno.json", PROJECT).pathname;
  return Number(await runProgram(Deno.execPath(), ["eval", "--config", config, program]));
}

const { default: config } = await import("../../../deno.json", { with: { type: "json" } });

function importRow(name: string): Row {
  const specifier = join("@clustertest/clustertest", name);
  return {
    id: name === "." ? "import" : `import-${name.slice(2)}`,
    title: `import of "${specifier}"`,
    unit: "ms",
    rounds: 7,
    goals: name === "." ? [below(100, "ms")] : [],
    contenders: () =>
      Promise.resolve([
        { name: CLUSTERTEST, sample: () => importTime(specifier) },
        { name: "node:https", sample: () => importTime("node:https") },
      ]),
  };
}

/** What it takes before anything can be done. */
export const startRows: readonly Row[] = [
  startRow("cold"),
  startRow("warm"),
  ...Object.keys(config.exports).map(importRow),
];
