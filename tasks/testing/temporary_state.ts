import { join } from "node:path";

/** A folder for a user's state, in which a test keeps recipes as runs do. */
export class TemporaryState implements AsyncDisposable {
  /** What surrounds it. */
  readonly dir: string;
  /** The run of all recipes. */
  readonly run = `test-${crypto.randomUUID()}`;
  #kept = 0;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Makes one, without recipes. */
  static async make(): Promise<TemporaryState> {
    const dir = await Deno.makeTempDir({ prefix: "clustertest-state-" });
    await Deno.mkdir(join(dir, "clustertest"), { mode: 0o700 });
    return new TemporaryState(dir);
  }

  /** By it, a program finds it. */
  get env(): { XDG_STATE_HOME: string } {
    return { XDG_STATE_HOME: this.dir };
  }

  /** Keeps a recipe; resolves to its file. */
  async keep(backend: string, options: unknown): Promise<string> {
    const hash = `${++this.#kept}`.padStart(16, "0");
    const file = join(this.dir, "clustertest", `recipe-${this.run}-${hash}.json`);
    await Deno.writeTextFile(file, JSON.stringify({ backend, options }), { mode: 0o600 });
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}
