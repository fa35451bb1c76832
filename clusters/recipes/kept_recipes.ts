import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf } from "../../agent/host/described_error.ts";
import { backendNames, backendOfModule } from "../backends.ts";
import type { BackendRecipe } from "../kit/mod.ts";
import { distrust } from "./distrust.ts";
import { stateDir } from "./state_dir.ts";

/** Milliseconds after which a recipe is forgotten: nothing that a run makes is there for so long. */
const MAX_AGE = 7 * 24 * 60 * 60 * 1000;

/** Bytes of a recipe at most. */
const MAX_SIZE = 64 * 1024;

/** The name of a recipe's file: its run and what tells it from the run's others. */
const FILE = /^recipe-([\w-]+)-[0-9a-f]{16}\.json$/;

/** How a run made a backend. */
export interface KeptRecipe {
  /** The id of the run. */
  readonly run: string;
  /** The name of a backend of this package, or the URL of a module. */
  readonly backend: string;
  /** What the module's `backendFromRecipe` takes. */
  readonly options: unknown;
}

/** What was kept. */
export interface KeptRecipes {
  readonly recipes: readonly KeptRecipe[];
  /** A line for each file or folder that was not read, and why. */
  readonly complaints: readonly string[];
}

/**
 * Keeps how a run makes a backend, until it is forgotten or a week is over. Nothing is kept where there is
 * no folder for a user's state, nor of a backend of this package that was made without options: the
 * environment means the same. Throws when it cannot be written, or when others have access to the folder.
 */
export async function keepRecipe(
  run: string,
  recipe: BackendRecipe,
  dir: string | undefined = stateDir(),
): Promise<void> {
  if (dir === undefined || isPlain(recipe)) return;
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const reason = await distrust(dir, "folder");
  if (reason !== undefined) throw new Error(`${dir} is not used: ${reason}`);
  // A reader sees all of it, or nothing.
  const draft = join(dir, `${crypto.randomUUID()}.draft`);
  try {
    await Deno.writeTextFile(draft, contentOf(recipe), { mode: 0o600, createNew: true });
    await Deno.rename(draft, join(dir, fileName(run, recipe)));
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
}

/** Forgets a recipe, when nothing is left that the run made by it. Idempotent. */
export function forgetRecipe(
  run: string,
  recipe: BackendRecipe,
  dir: string | undefined = stateDir(),
): void {
  if (dir === undefined || isPlain(recipe)) return;
  try {
    Deno.removeSync(join(dir, fileName(run, recipe)));
  } catch {
    // What cannot be removed is forgotten when it is old.
  }
}

/** The recipes of this user's runs. Those that are too old are removed. */
export async function readRecipes(dir: string | undefined = stateDir()): Promise<KeptRecipes> {
  const recipes: KeptRecipe[] = [];
  const complaints: string[] = [];
  for (const name of dir === undefined ? [] : await filesIn(dir, complaints)) {
    const path = join(dir!, name);
    try {
      if (await isForgotten(path)) continue;
      const run = FILE.exec(name)?.[1];
      if (run !== undefined) recipes.push({ run, ...await readRecipe(path) });
    } catch (error) {
      // A run may have ended meanwhile.
      if (!(error instanceof Deno.errors.NotFound)) complaints.push(notRead(path, error));
    }
  }
  return { recipes, complaints };
}

/** Recipes and their drafts; whatever else is there is none of ours. */
async function filesIn(dir: string, complaints: string[]): Promise<string[]> {
  try {
    const reason = await distrust(dir, "folder");
    if (reason !== undefined) throw new Error(reason);
    const names = (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
    return names.filter((name) => FILE.test(name) || name.endsWith(".draft")).sort();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) complaints.push(notRead(dir, error));
    return [];
  }
}

/** Whether it was too old, drafts included. */
async function isForgotten(path: string): Promise<boolean> {
  const { mtime } = await Deno.lstat(path);
  if (mtime === null || Date.now() - mtime.getTime() < MAX_AGE) return false;
  await Deno.remove(path);
  return true;
}

async function readRecipe(path: string): Promise<Omit<KeptRecipe, "run">> {
  const reason = await distrust(path, "file");
  if (reason !== undefined) throw new Error(reason);
  if ((await Deno.lstat(path)).size > MAX_SIZE) throw new Error(`it is above ${MAX_SIZE} bytes`);
  const { backend, options } = JSON.parse(await Deno.readTextFile(path)) ?? {};
  if (typeof backend !== "string") throw new Error("it does not name a backend");
  return { backend, options };
}

function notRead(path: string, error: unknown): string {
  return `Not read: ${path}: ${messageOf(error)}`;
}

function fileName(run: string, recipe: BackendRecipe): string {
  const hash = createHash("sha256").update(contentOf(recipe)).digest("hex");
  return `recipe-${run}-${hash.slice(0, 16)}.json`;
}

function contentOf({ module, options }: BackendRecipe): string {
  return JSON.stringify({ backend: backendOfModule(module), options });
}

function isPlain({ module, options }: BackendRecipe): boolean {
  return backendNames.includes(backendOfModule(module)) && JSON.stringify(options) === "{}";
}
