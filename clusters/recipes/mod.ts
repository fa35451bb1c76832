/**
 * How the backends of runs were made, kept for a sweep that comes when their guardians are gone, too.
 *
 * @module
 */
export { forgetRecipe, keepRecipe, readRecipes } from "./kept_recipes.ts";
export type { KeptRecipe, KeptRecipes } from "./kept_recipes.ts";
