/**
 * The guardian's program: waits until its standard input ends, which is when the runner has, and then
 * has each backend that it was told of remove what the run has made.
 *
 * @module
 */
import type { Backend, BackendRecipe } from "../backend.ts";

/** Milliseconds for which removal is tried. */
const PATIENCE = 120_000;

/** Milliseconds between tries. */
const PAUSE = 500;

/** What the module of a recipe exports. */
interface RecipeModule {
  backendFromRecipe(options: unknown): Backend;
}

async function main([run]: string[]): Promise<void> {
  if (run === undefined) throw new TypeError("Cannot guard a run: its id was not given");
  const recipes = (await new Response(Deno.stdin.readable).text()).split("\n").slice(0, -1);
  const deadline = performance.now() + PATIENCE;
  await Promise.all(recipes.map((recipe) => removeAll(JSON.parse(recipe), { run, deadline })));
}

/** Sweeps until nothing is found any more: what was being made when the runner died comes late. */
async function removeAll(
  { module, options }: BackendRecipe,
  { run, deadline }: { run: string; deadline: number },
): Promise<void> {
  const { backendFromRecipe } = await import(module) as RecipeModule;
  const backend = backendFromRecipe(options);
  while (performance.now() < deadline) {
    const report = await backend.sweep({ run }).catch(() => undefined);
    if (report?.found.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

if (import.meta.main) await main(Deno.args);
