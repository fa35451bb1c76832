/**
 * The guardian's program: waits until its standard input ends, which is when the runner has, and then
 * has each backend that it was told of remove what the run has made.
 *
 * @module
 */
import { join } from "node:path";
import type { Backend, BackendRecipe } from "../kit/mod.ts";

/** Milliseconds for which removal is tried. */
const PATIENCE = 120_000;

/** Milliseconds between tries. */
const PAUSE = 500;

/** The file in a run's record that says what could not be removed: nobody reads standard error. */
const LOG_FILE = "guardian.log";

/** What the module of a recipe exports. */
interface RecipeModule {
  backendFromRecipe(options: unknown): Backend;
}

async function main([run, record]: string[]): Promise<void> {
  if (run === undefined) throw new TypeError("Cannot guard a run: its id was not given");
  const recipes = (await new Response(Deno.stdin.readable).text()).split("\n").slice(0, -1);
  const deadline = performance.now() + PATIENCE;
  await Promise.all(recipes.map(async (line) => {
    const recipe = JSON.parse(line) as BackendRecipe;
    try {
      await removeAll(recipe, { run, deadline });
    } catch (error) {
      // What the others have to remove does not wait for this one.
      if (record !== undefined) await tell(record, `${recipe.module}: ${describe(error)}`);
    }
  }));
}

/** Sweeps until nothing is found any more: what was being made when the runner died comes late. */
async function removeAll(
  { module, options }: BackendRecipe,
  { run, deadline }: { run: string; deadline: number },
): Promise<void> {
  const { backendFromRecipe } = await import(module) as RecipeModule;
  const backend = backendFromRecipe(options);
  let last = "it was not tried";
  while (performance.now() < deadline) {
    try {
      const { found } = await backend.sweep({ run });
      if (found.length === 0) return;
      last = `${found.length} were found again`;
    } catch (error) {
      last = describe(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new Error(`there still was something after ${PATIENCE / 1000} s: ${last}`);
}

/** Adds a line to the record of the run, if it has one. */
async function tell(record: string, what: string): Promise<void> {
  const line = `${new Date().toISOString()} Cannot remove what the run has made by ${what}\n`;
  await Deno.writeTextFile(join(record, LOG_FILE), line, { append: true }).catch(() => {});
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) await main(Deno.args);
