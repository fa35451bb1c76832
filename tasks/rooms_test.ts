import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Where the rooms are: each folder of it is one. */
const CLUSTERS = new URL("../clusters/", import.meta.url);

/** What every room may import: a module beside them, and the room with the checks of options. */
const SHARED_MODULES = ["errors.ts", "options"];

/** What more than one backend may use. */
const FOR_BACKENDS = ["kit", "concurrency", "events", "ownership"];

/**
 * The rooms that each room may import, types included. Of types alone the contract of a backend and
 * the events are everywhere: so the rooms `kit` and `events` may be imported as types by all.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // What has no knowledge of clusters.
  concurrency: [],
  ownership: [],
  events: ["ownership"],
  options: [],
  guardian: ["hold", "recipes", "record", "report", "shell"],
  shell: ["ownership"],
  kit: ["concurrency", "ownership"],
  recipes: ["backends.ts"],
  record: ["events", "ownership"],
  hold: ["events", "ownership"],
  runs: ["events", "record"],
  report: ["events", "record", "runs"],
  waiting: ["calls", "concurrency"],
  // What a test does with a node, from the bottom to the top.
  calls: ["concurrency"],
  process: ["calls", "concurrency", "record", "waiting"],
  files: ["calls", "concurrency", "events", "process"],
  network: ["calls", "concurrency", "files"],
  node: ["calls", "files", "network", "process", "record", "waiting"],
  links: ["calls", "concurrency", "network", "node"],
  faults: ["calls", "concurrency", "links", "node"],
  cluster: [
    "backends.ts",
    "calls",
    "concurrency",
    "events",
    "faults",
    "files",
    "guardian",
    "hold",
    "links",
    "network",
    "node",
    "ownership",
    "process",
    "record",
    "shell",
  ],
  test: ["calls", "cluster", "concurrency", "events", "node", "ownership", "record", "report"],
  // The backends: none imports another.
  run_folder: ["ownership", "shell"],
  this_host: [...FOR_BACKENDS, "run_folder"],
  local: [...FOR_BACKENDS, "this_host"],
  loopback: [...FOR_BACKENDS, "this_host"],
  docker: [...FOR_BACKENDS, "run_folder"],
  kubernetes: FOR_BACKENDS,
  // What backends on machines of a provider share, and those of one provider.
  machines: FOR_BACKENDS,
  aws: [...FOR_BACKENDS, "machines"],
  ec2: [...FOR_BACKENDS, "machines", "aws"],
  // What is composed of others knows no single one.
  composed: [...FOR_BACKENDS, "backends.ts"],
  // It uses clusters as an author does.
  conformance: [
    "cluster",
    "faults",
    "files",
    "network",
    "node",
    "ownership",
    "process",
    "test",
    "waiting",
  ],
};

/** Rooms whose types every room may import. */
const TYPES_FOR_ALL = ["kit", "events"];

/** An import of one module of a room by one of another. */
interface CrossImport {
  readonly importer: string;
  readonly from: string;
  readonly to: string;
  readonly target: string;
  readonly isType: boolean;
}

Deno.test("each room has one door, and the others come in by it", async () => {
  const others = (await crossImports()).filter(({ target }) => target.includes("/"));
  assert.deepEqual(others.filter(({ target }) => !/^\w+\/mod\.ts$/.test(target)), []);
  const rooms = [...Deno.readDirSync(CLUSTERS)].filter((entry) => entry.isDirectory);
  const withoutTests = rooms.map(({ name }) => name).filter((name) => name !== "testing");
  assert.deepEqual(withoutTests.sort(), Object.keys(ALLOWED).sort());
  for (const room of withoutTests) await Deno.stat(new URL(`${room}/mod.ts`, CLUSTERS));
});

Deno.test("a room imports only those that it may know", async () => {
  const forbidden = (await crossImports()).filter(({ from, to, isType }) =>
    !SHARED_MODULES.includes(to) && !ALLOWED[from]!.includes(to) &&
    !(isType && TYPES_FOR_ALL.includes(to))
  );
  assert.deepEqual(forbidden, []);
});

Deno.test("what is in no room is a handful of files", () => {
  const files = [...Deno.readDirSync(CLUSTERS)].filter((entry) => entry.isFile);
  assert.ok(files.length <= 7, files.map(({ name }) => name).join(", "));
});

/** All imports from one room, or of a module beside them, by another room; tests apart. */
async function crossImports(): Promise<CrossImport[]> {
  const found: CrossImport[] = [];
  for await (const module of modulesBelow(CLUSTERS)) {
    const importer = pathOf(module);
    if (!importer.includes("/")) continue;
    const source = await Deno.readTextFile(module);
    for (const [, keyword, specifier, loaded] of source.matchAll(IMPORT)) {
      const target = pathOf(new URL((specifier ?? loaded)!, module));
      const [from, to] = [roomOf(importer), roomOf(target)];
      if (target.startsWith("..") || from === to) continue;
      found.push({ importer, from, to, target, isType: keyword?.endsWith("type") ?? false });
    }
  }
  return found;
}

/** An import or a re-export, whether it is of types alone, and from where; or an import by a call. */
const IMPORT =
  /^(import type|import|export type|export) [^;]*?from "(\.[^"]+)";$|\bimport\("(\.[^"]+)"\)/gm;

/** The path below `clusters/`; one that begins with `..` is elsewhere. */
function pathOf(module: URL): string {
  const path = fileURLToPath(module);
  const root = fileURLToPath(CLUSTERS);
  return path.startsWith(root) ? path.slice(root.length) : `../${path}`;
}

/** The room of a path, or the module itself if it is in none. */
function roomOf(path: string): string {
  return path.split("/")[0]!;
}

/** Modules that are neither tests nor for tests alone. */
async function* modulesBelow(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && name !== "testing") yield* modulesBelow(new URL(`${name}/`, folder));
    else if (/(?<!_test)\.ts$/.test(name)) yield new URL(name, folder);
  }
}
