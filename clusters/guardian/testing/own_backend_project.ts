import { join } from "node:path";
import config from "../../../deno.json" with { type: "json" };

/** The root of this package. */
const PACKAGE = new URL("../../../", import.meta.url);

/** What the project's own imports call the contract of a backend: this package's do not have it. */
const KIT = "kit-of-backends";

/** Has a node that is busy, says where it is, and waits for its end. */
const RUNNER = `import { Cluster } from "@clustertest/clustertest";
  const cluster = await Cluster.create(undefined, { progress: true });
  const node = await cluster.addNode();
  const process = await node.spawn("sh", ["-c", Deno.args[0]]);
  Deno.stdout.writeSync(new TextEncoder().encode(node.rootDir));
  await process.status;`;

/**
 * Makes a folder with a project that uses this package: its configuration, its backend in
 * `own_backend.ts`, and a runner in `runner.ts`, whose argument is a script for its node. What the runner
 * says once the node is busy is the node's folder.
 */
export async function makeOwnBackendProject(): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-own-project-" });
  const imports = Object.entries(config.imports).map(([name, path]) => [
    name,
    path.startsWith("./") ? new URL(path, PACKAGE).href : path,
  ]);
  const kit = new URL(config.exports["./backend"], PACKAGE).href;
  const project = { imports: { ...Object.fromEntries(imports), [KIT]: kit } };
  await Deno.writeTextFile(join(dir, "deno.json"), JSON.stringify(project));
  const example = new URL("examples/backend/own_backend.ts", PACKAGE);
  const backend = (await Deno.readTextFile(example))
    .replace('from "@clustertest/clustertest/backend"', `from "${KIT}"`);
  await Deno.writeTextFile(join(dir, "own_backend.ts"), backend);
  await Deno.writeTextFile(join(dir, "runner.ts"), RUNNER);
  return dir;
}
