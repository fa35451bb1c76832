import type { BackendRecipe, RunIdentity } from "../kit/mod.ts";
import { forgetRecipe, keepRecipe } from "../recipes/mod.ts";
import { guardedRecipe, loadingFailure } from "./guarded_recipe.ts";
import { removeShellSockets, type ShellChange } from "../shell/mod.ts";
import { GuardianProcess } from "./guardian_process.ts";

/** Processes that a guardian may have, one after the other; if they keep ending, it is given up. */
const MOST_PROCESSES = 3;

/** The guardian of each run that has clusters, or something that could not be given back. */
const guardians = new WeakMap<RunIdentity, Guardian>();

/** A backend that is being guarded. Disposing it ends that. */
export interface Watch extends AsyncDisposable {
  /** Called if something could not be given back: the guardian stays, and tries again after the runner's end. */
  keep(): void;
  /**
   * Has the guardian serve shells on nodes of this machine, or end those of one. Resolves once it was
   * told.
   */
  tellOfShells(change: ShellChange): Promise<void>;
}

/** What is to be guarded. */
export interface WatchOptions {
  readonly recipe: BackendRecipe;
  /** Called with the reason if there is no guardian any more: a runner that is killed then leaves things behind. */
  readonly onUnguarded: (reason: string) => void;
}

/**
 * A small process that outlives the runner, however that ends: Ctrl-C skips disposers, and `SIGKILL`
 * everything. It then asks each backend to remove what the run has made. One guards all clusters of
 * a run; the last of them to be disposed of dismisses it, unless something could not be given back.
 * In the record it says of clusters that they were interrupted, and what it cannot remove.
 *
 * When the process ends before the runner, another one takes its place and is told the same.
 */
export class Guardian {
  readonly #run: RunIdentity;
  /** A line for each backend. */
  readonly #recipes = new Set<string>();
  readonly #watches = new Set<WatchOptions>();
  /** A line for each node on which it serves shells. */
  readonly #shells = new Map<string, string>();
  #process: GuardianProcess | undefined;
  #processes = 0;
  #isKept = false;

  private constructor(run: RunIdentity) {
    this.#run = run;
  }

  /**
   * Has the guardian of `run` remember how to find a backend, until the result is disposed. Resolves
   * once the guardian has been told; throws when none can be kept alive.
   */
  static async watch(run: RunIdentity, options: WatchOptions): Promise<Watch> {
    const guardian = guardians.get(run) ?? new Guardian(run);
    guardians.set(run, guardian);
    guardian.#watches.add(options);
    await using stack = new AsyncDisposableStack();
    stack.defer(() => guardian.#release(options));
    await guardian.#remember(options);
    const watch = stack.move();
    return {
      keep: () => void (guardian.#isKept = true),
      tellOfShells: (change) => guardian.#tellOfShells(change),
      [Symbol.asyncDispose]: () => watch.disposeAsync(),
    };
  }

  async #remember({ recipe, onUnguarded }: WatchOptions): Promise<void> {
    const guarded = guardedRecipe(recipe);
    const line = JSON.stringify(guarded);
    const isNew = !this.#recipes.has(line);
    this.#recipes.add(line);
    await this.#tell(line);
    if (isNew) await this.#keepRecipe({ recipe, onUnguarded });
    const failure = isNew ? await loadingFailure(guarded) : undefined;
    if (failure === undefined) return;
    onUnguarded(
      `Cannot guard what ${recipe.module} makes: the guardian cannot load it: ${failure}. Map its ` +
        "imports in the deno.json of the folder in which the tests are run, or of one above",
    );
  }

  /** Keeps the recipe for a sweep, in case the guardian is killed as well. */
  async #keepRecipe({ recipe, onUnguarded }: WatchOptions): Promise<void> {
    try {
      await keepRecipe(this.#run.id, recipe);
    } catch (error) {
      const { message } = error as Error;
      onUnguarded(`Cannot keep for sweeps which backend the run has used: ${message}`);
    }
  }

  /** A process that takes the place of this one is told of the shells that are served by then. */
  async #tellOfShells(change: ShellChange): Promise<void> {
    const line = JSON.stringify(change);
    const { cluster, node } = "offer" in change ? change.offer : change.withdraw;
    this.#shells.delete(`${cluster}/${node}`);
    if ("offer" in change) this.#shells.set(`${cluster}/${node}`, line);
    await this.#process?.tell(line);
  }

  async #tell(recipe: string): Promise<void> {
    if (this.#processes === 0) return this.#start();
    for (let process = this.#process; process !== undefined; process = this.#process) {
      if (await process.tell(recipe)) return;
      // The process that takes its place is told the same.
      await process.awaitEnd();
    }
    throw new Error(UNGUARDED);
  }

  /** Starts a process, which is replaced when it ends before it is dismissed. */
  #start(): void {
    this.#processes++;
    const process = new GuardianProcess(this.#run, this.#recipes);
    // Not as arguments, which other users can see: variables of a node may be secrets.
    for (const line of this.#shells.values()) void process.tell(line);
    this.#process = process;
    process.ended.then(() => this.#replace(process));
  }

  #replace(ended: GuardianProcess): void {
    if (this.#process !== ended) return;
    this.#process = undefined;
    if (this.#processes < MOST_PROCESSES) return this.#start();
    for (const { onUnguarded } of this.#watches) onUnguarded(UNGUARDED);
  }

  async #release(watch: WatchOptions): Promise<void> {
    this.#watches.delete(watch);
    if (this.#watches.size > 0 || this.#isKept) return;
    guardians.delete(this.#run);
    // At once: the next guardian of the run keeps them again.
    for (const line of this.#recipes) forgetRecipe(this.#run.id, JSON.parse(line));
    const process = this.#process;
    this.#process = undefined;
    await process?.dismiss();
    removeShellSockets(this.#run.id);
  }
}

const UNGUARDED = `Cannot guard the run: ${MOST_PROCESSES} guardians have ended, one after the ` +
  'other. If the run is killed, "deno task sweep" removes what it has made';
