import type { BackendRecipe, RunIdentity } from "../kit/mod.ts";

/** The guardian of each run that has clusters now. */
const guardians = new WeakMap<RunIdentity, Promise<Guardian>>();

/** A backend that is being guarded. Disposing it says that this is not needed any more. */
export interface Watch extends AsyncDisposable {
  /** Something could not be given back: the guardian stays, and tries once the runner has ended. */
  keep(): void;
}

/**
 * A small process that outlives the runner, however that ends: Ctrl-C skips disposers, and `SIGKILL`
 * everything. It then asks each backend to remove what the run has made. One guards all clusters of
 * a run; the last of them to be disposed of dismisses it, unless something could not be given back.
 * In the record it says of clusters that they were interrupted, and what it cannot remove.
 */
export class Guardian {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #recipes = new Set<string>();
  #watched = 0;
  #kept = false;

  private constructor(run: RunIdentity) {
    this.#child = spawnGuardian(run);
    this.#writer = this.#child.stdin.getWriter();
    this.#writer.closed.catch(() => {});
  }

  /**
   * Has the guardian of `run` remember how to find a backend, until the result is disposed. It need
   * not have begun to listen: what it is told waits in its pipe, also when the runner is gone.
   */
  static async watch(run: RunIdentity, recipe: BackendRecipe): Promise<Watch> {
    // Not yet there, or just being dismissed: either way the next one is waited for.
    let guardian = await guardians.get(run);
    if (!guardian || guardian.#watched === 0 && !guardian.#kept) {
      guardian = new Guardian(run);
      guardians.set(run, Promise.resolve(guardian));
    }
    guardian.#watched++;
    const watching = guardian;
    const stack = new AsyncDisposableStack();
    stack.defer(() => watching.#release(run));
    await watching.#remember(recipe);
    return {
      keep: () => watching.#keep(),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  }

  async #remember(recipe: BackendRecipe): Promise<void> {
    const line = JSON.stringify(recipe);
    if (this.#recipes.has(line)) return;
    this.#recipes.add(line);
    try {
      await this.#writer.write(new TextEncoder().encode(`${line}\n`));
    } catch (cause) {
      throw new Error("Cannot guard the run: its guardian has ended", { cause });
    }
  }

  #keep(): void {
    this.#kept = true;
    // The runner does not wait for it.
    this.#child.unref();
  }

  async #release(run: RunIdentity): Promise<void> {
    if (--this.#watched > 0 || this.#kept) return;
    guardians.delete(run);
    // Everything was given back, so there is nothing for it to do any more. If the end of its input
    // were what it noticed first, it would look for left-overs in vain.
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#writer.abort().catch(() => {});
    await this.#child.status;
  }
}

/** In a session of its own, with nothing of the runner's terminal, so that only its pipe ends it. */
function spawnGuardian(run: RunIdentity): Deno.ChildProcess {
  const main = new URL("./main.ts", import.meta.url).href;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "--no-lock", "--no-prompt", main, run.id, Deno.cwd()],
    cwd: "/",
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
}
