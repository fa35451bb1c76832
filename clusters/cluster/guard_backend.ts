import { Guardian, type Watch } from "../guardian/mod.ts";
import type { Backend, BackendRecipe, RunIdentity } from "../kit/mod.ts";

/** What is to be guarded, and who is told when it cannot be. */
export interface GuardOptions {
  readonly backend: Backend<never>;
  /** Called with the reason when there is no guardian. */
  readonly onUnguarded: (reason: string) => void;
}

/** Has the guardian of the run remember how to find a backend, or each of those that it is composed of. */
export async function guardBackend(
  run: RunIdentity,
  { backend, onUnguarded }: GuardOptions,
): Promise<Watch> {
  await using stack = new AsyncDisposableStack();
  const watches: Watch[] = [];
  for (const recipe of recipesOf(backend)) {
    watches.push(stack.use(await Guardian.watch(run, { recipe, onUnguarded })));
  }
  const all = stack.move();
  return {
    // They are watches of one guardian.
    keep: () => watches[0]!.keep(),
    tellOfShells: (change) => watches[0]!.tellOfShells(change),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function recipesOf({ recipe, composition }: Backend<never>): BackendRecipe[] {
  if (!composition) return [recipe];
  return Object.values(composition.members).flatMap(recipesOf);
}
