/**
 * The guardian's program: waits until its standard input ends, as it does when the runner has ended. Then
 * each backend that its arguments or its input have named removes what the run has made.
 *
 * @module
 */
import { messageOf } from "../../agent/host/described_error.ts";
import { within } from "../../agent/within.ts";
import type { Backend, BackendRecipe } from "../kit/mod.ts";
import { OfferedHosts } from "../../agent/shell/offered_hosts.ts";
import { openPlace, type PlaceOffer, removeShellSockets, type ShellChange } from "../shell/mod.ts";
import { removeFreeLocks } from "../hold/mod.ts";
import { forgetRecipe } from "../recipes/mod.ts";
import { type GuardedRecipe, isOwnModule, loadingFlags } from "./guarded_recipe.ts";
import { type Interruption, recordInterruption } from "../record/mod.ts";

/** Milliseconds for which removal is tried. */
const PATIENCE = 120_000;

/** Milliseconds after which the report of a run is written that cannot be removed yet. */
const REPORT_PATIENCE = 3_000;

/** Milliseconds between tries. */
const PAUSE = 500;

/** What the module of a recipe exports. */
interface RecipeModule {
  backendFromRecipe(options: unknown): Backend;
}

async function main([run, dir, ...firstLines]: string[]): Promise<void> {
  if (run === undefined) throw new TypeError("Cannot guard a run: its id was not given");
  const recipes = await untilRunnerEnds(firstLines);
  removeShellSockets(run);
  await removeFreeLocks().catch(() => {});
  const folders = new Set(record(dir, { run }));
  const deadline = performance.now() + PATIENCE;
  const removed = Promise.all(recipes.map(async (line) => {
    const recipe = JSON.parse(line) as GuardedRecipe;
    try {
      if (recipe.config === undefined) await removeAll(recipe, { run, deadline });
      else await removeWithin(recipe.config, recipe, [run, dir ?? "/"]);
    } catch (error) {
      // What the others have to remove does not wait for this one.
      const what = `Cannot remove what the run has made by ${recipe.module}: ${messageOf(error)}`;
      for (const folder of record(dir, { run, errors: [what] })) folders.add(folder);
    }
  }));
  // What is left behind comes first, but nobody waits for a report until an engine is there again.
  const isRemoved = await within(REPORT_PATIENCE, removed).then(() => true, () => false);
  await report(folders);
  if (isRemoved) return;
  await removed;
  await report(folders);
}

/** Writes the reports of runs that were killed: nobody else does. */
async function report(folders: ReadonlySet<string>): Promise<void> {
  try {
    if (folders.size === 0) return;
    const { writeReport } = await import("../report/mod.ts");
    for (const folder of folders) await writeReport(folder);
  } catch {
    // As a record that cannot be written.
  }
}

/** Serves shells until the runner has ended; resolves to the recipes that it has named until then. */
async function untilRunnerEnds(firstLines: readonly string[]): Promise<string[]> {
  const recipes = new Set<string>();
  using shells = new OfferedHosts<PlaceOffer>(({ place }) => openPlace(place));
  const hear = (line: string) => {
    const content: BackendRecipe | ShellChange = JSON.parse(line);
    if ("module" in content) {
      recipes.add(line);
      if (isOwnModule(content.module)) loadEarly(content);
      return;
    }
    try {
      if ("offer" in content) shells.offer(content.offer);
      else shells.withdraw(content.withdraw);
    } catch {
      // That nobody can look in must not keep anything from being removed.
    }
  };
  for (const line of firstLines) hear(line);
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop()!;
    for (const line of lines) hear(line);
  }
  return [...recipes];
}

/**
 * Loads a backend while the runner is there: parts of it may have to be fetched, and when the runner has
 * died, the network may have as well. What fails here is tried again when it is needed, and told then.
 */
function loadEarly(recipe: BackendRecipe): void {
  backendOf(recipe).catch(() => {});
}

async function backendOf({ module, options }: BackendRecipe): Promise<Backend> {
  const { backendFromRecipe } = await import(module) as RecipeModule;
  return backendFromRecipe(options);
}

/**
 * Has a process of its own remove what a backend of somebody else's has made: its imports are mapped by
 * the configuration of its project, and those of this process are not. That process says itself, in
 * the record, what it could not remove.
 */
async function removeWithin(
  config: string,
  { module, options }: BackendRecipe,
  args: readonly string[],
): Promise<void> {
  const flags = ["--allow-all", "--no-prompt", ...loadingFlags(config)];
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, import.meta.url, ...args, JSON.stringify({ module, options })],
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (code !== 0) throw new Error(`it cannot be loaded with the imports of ${config}`);
}

/** Sweeps until nothing is found any more: what was being made when the runner died comes late. */
async function removeAll(
  recipe: BackendRecipe,
  { run, deadline }: { run: string; deadline: number },
): Promise<void> {
  const backend = await backendOf(recipe);
  let last = "it was not tried";
  while (performance.now() < deadline) {
    try {
      const { found } = await backend.sweep({ run });
      if (found.length === 0) return forgetRecipe(run, recipe);
      last = `${found.length} were found again`;
    } catch (error) {
      last = messageOf(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new Error(`there still was something after ${PATIENCE / 1000} s: ${last}`);
}

/** Says in the record below the runner's folder what its clusters cannot say: nobody reads standard error. */
function record(dir: string | undefined, interruption: Interruption): string[] {
  if (dir === undefined) return [];
  try {
    return recordInterruption(dir, interruption);
  } catch {
    return []; // A record that cannot be written must not keep anything from being removed.
  }
}

if (import.meta.main) await main(Deno.args);
