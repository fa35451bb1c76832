import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runTool } from "../agent/build/run_tool.ts";

/** The parts of `deno info --json` that matter here. */
interface ImportGraph {
  readonly roots: readonly [string];
  readonly modules: readonly ImportedModule[];
}

interface ImportedModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string; readonly error?: string };
  }[];
}

const ROOT = new URL("..", import.meta.url);

async function graphOf(module: string): Promise<ImportGraph> {
  const command = [Deno.execPath(), "info", "--json", fileURLToPath(new URL(module, ROOT))];
  return JSON.parse(await runTool(command));
}

/** What is loaded as soon as this module is: paths in this project, and the names of packages. */
async function loadedBy(module: string): Promise<string[]> {
  const { roots, modules } = await graphOf(module);
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const loaded = new Set<string>(roots);
  // What is added on the way is visited, too.
  for (const specifier of loaded) {
    for (const { code, isDynamic } of known.get(specifier)?.dependencies ?? []) {
      assert.equal(code?.error, undefined);
      if (code?.specifier && !isDynamic) loaded.add(code.specifier);
    }
  }
  return [...loaded].filter((specifier) => !specifier.startsWith("node:")).map(shorten);
}

function shorten(specifier: string): string {
  return specifier.replace(ROOT.href, "").replace(/^npm:\/?(@?[^@]+)@.*/, "npm:$1");
}

/** What is loaded when a test uses it, if it ever does: of folders all that is in them. */
const LOADED_LATER = [
  ...["local", "loopback", "docker", "ec2", "kubernetes", "hold"].map((name) =>
    `clusters/${name}/`
  ),
  "agent/host/local_host.ts",
];

Deno.test("importing the root loads no package, no backend, no host, and nothing that holds a cluster", async () => {
  const loaded = await loadedBy("mod.ts");
  assert.ok(loaded.includes("clusters/cluster/cluster.ts"), loaded.join("\n"));
  for (const path of LOADED_LATER) await Deno.stat(new URL(path, ROOT));
  const unwanted = loaded.filter((path) => LOADED_LATER.some((later) => path.startsWith(later)));
  assert.deepEqual(unwanted, []);
  assert.deepEqual(loaded.filter((name) => name.startsWith("npm:")), []);
});

const sdks = ["npm:dockerode", "npm:@aws-sdk/"];

for (const module of ["mod.ts", "clusters/guardian/main.ts"]) {
  Deno.test(`before it runs ${module}, Deno looks for no SDK that may be imported later`, async () => {
    const { modules } = await graphOf(module);
    const names = modules.map(({ specifier }) => shorten(specifier));
    assert.ok(names.includes("npm:ws"), names.join("\n"));
    assert.deepEqual(names.filter((name) => sdks.some((sdk) => name.startsWith(sdk))), []);
  });
}

const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));

/** What is exported to be imported: the rest are programs. */
const libraries = Object.entries<string>(config.exports)
  .filter(([, module]) => !module.startsWith("./tasks/"));

for (const [name, module] of libraries) {
  Deno.test(`importing "${name}" loads no SDK, no task and nothing of the CDK`, async () => {
    const loaded = await loadedBy(module);
    assert.deepEqual(loaded.filter((each) => sdks.some((sdk) => each.startsWith(sdk))), []);
    assert.deepEqual(loaded.filter((path) => /^(tasks|cdk|examples)\//.test(path)), []);
  });
}

for (const name of ["./local", "./loopback", "./docker", "./ec2", "./composed", "./backend"]) {
  Deno.test(`importing "${name}" does not load what speaks to agents`, async () => {
    const loaded = await loadedBy(config.exports[name]);
    assert.deepEqual(loaded.filter((each) => /^npm:ws$|^agent\/client\/fleet\.ts$/.test(each)), []);
  });
}

Deno.test("the agent imports nothing from outside of its folder, types included", async () => {
  const folder = new URL("agent/", ROOT);
  const outside: string[] = [];
  for await (const module of modulesBelow(folder)) {
    const source = await Deno.readTextFile(module);
    for (const [, specifier] of source.matchAll(/\b(?:from|import) ?\(?"(\.[^"]+)"/g)) {
      const imported = new URL(specifier!, module).href;
      if (!imported.startsWith(folder.href)) outside.push(`${shorten(module.href)}: ${specifier}`);
    }
  }
  assert.deepEqual(outside, []);
});

/** What is no test: those may need more. */
async function* modulesBelow(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* modulesBelow(new URL(`${name}/`, folder));
    else if (/(?<!_test)\.ts$/.test(name)) yield new URL(name, folder);
  }
}
