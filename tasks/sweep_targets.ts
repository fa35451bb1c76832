import {
  backendByName,
  backendNames,
  backendOfRecipe,
  resolveBackend,
} from "../clusters/backends.ts";
import type { Backend } from "../clusters/kit/mod.ts";
import { type KeptRecipe, readRecipes } from "../clusters/recipes/mod.ts";

/** A backend that is to be swept. */
export interface SweepTarget {
  /** Whether the backend is passed over if it cannot be used here: the command line does not name it. */
  readonly isOptional: boolean;
  /** Makes it. */
  make(): Promise<Backend>;
}

/** Which backends are asked for. */
export interface SweepSelection {
  /** Their names; none when all are meant. */
  readonly backends: readonly string[];
  /** The only region in which those that have regions are looked at. */
  readonly region: string | undefined;
  /** The only run that is looked for. */
  readonly run: string | undefined;
}

/** What is to be swept, and a line for each recipe that is not. */
export interface SweepTargets {
  readonly targets: readonly SweepTarget[];
  readonly complaints: readonly string[];
}

/** The variable that names a backend, which may be a module of the test's author. */
const BACKEND_VARIABLE = "CLUSTERTEST_BACKEND";

/**
 * The backends that the environment configures, and then those that this user's runs have made with
 * other options. Of the latter only modules of this package are loaded, and those that the command
 * line or `CLUSTERTEST_BACKEND` names.
 */
export async function findSweepTargets(selection: SweepSelection): Promise<SweepTargets> {
  const { backends, region, run } = selection;
  const isOptional = backends.length === 0;
  const names = isOptional ? backendNames : backends;
  const targets: SweepTarget[] = names.map((name) => ({
    isOptional,
    make: () => backendByName(name, "--backend"),
  }));
  const { recipes, complaints } = await readRecipes();
  const meant = meantBackends(backends);
  const refused: string[] = [];
  const done = new Set<string>();
  for (const recipe of recipes) {
    const { backend, options } = recipe;
    const key = JSON.stringify({ backend, options });
    if (done.has(key) || run !== undefined && recipe.run !== run) continue;
    done.add(key);
    if (!meant.has(backend)) {
      if (isOptional) refused.push(refusal(recipe));
    } else if (isIn(region, options) && !await isOfEnvironment(recipe)) {
      targets.push({ isOptional: true, make: () => backendOfRecipe(backend, options) });
    }
  }
  return { targets, complaints: [...complaints, ...refused] };
}

/** What the names of backends stand for; of all of them, when there are none. */
function meantBackends(names: readonly string[]): ReadonlySet<string> {
  if (names.length > 0) return new Set(names.map((name) => resolveBackend(name, "--backend")));
  return new Set([...backendNames, ...backendOfEnvironment()]);
}

/** None when the environment names none, or one that there cannot be: then no recipe is of it. */
function backendOfEnvironment(): string[] {
  const name = Deno.env.get(BACKEND_VARIABLE);
  try {
    return name ? [resolveBackend(name, BACKEND_VARIABLE)] : [];
  } catch {
    return [];
  }
}

/** Whether a recipe leads to this region, as far as it says so. */
function isIn(region: string | undefined, options: unknown): boolean {
  const own = (options as { region?: unknown } | null)?.region;
  return region === undefined || own === undefined || own === region;
}

/** Whether a backend of this package is swept with these options anyway. */
async function isOfEnvironment({ backend, options }: KeptRecipe): Promise<boolean> {
  if (!backendNames.includes(backend)) return false;
  try {
    const { recipe } = await backendByName(backend, BACKEND_VARIABLE);
    return JSON.stringify(recipe.options) === JSON.stringify(options);
  } catch {
    // The variables of the environment may name a backend that there is not.
    return false;
  }
}

function refusal({ backend, run }: KeptRecipe): string {
  return `Not swept: run ${run} has used the backend ${backend}, which is loaded only if ` +
    `--backend or ${BACKEND_VARIABLE} names it`;
}
