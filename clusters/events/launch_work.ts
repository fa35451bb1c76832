import type { Emit, WorkEvent } from "./events.ts";

/** Milliseconds after which a launch is worth showing; before, it is over too soon. */
const WORTH_SHOWING = 1_000;

/** Tells of a launch of nodes that takes a while. */
export class LaunchWork {
  readonly #emit: Emit;
  readonly #work: WorkEvent;
  readonly #timer: ReturnType<typeof setTimeout>;
  #done = 0;
  #isTold = false;

  private constructor(emit: Emit, id: string, names: readonly string[]) {
    this.#emit = emit;
    const total = names.length;
    const label = `launching ${total === 1 ? names[0] : `${total} nodes`}`;
    this.#work = { work: id, kind: "launch", label, total, unit: "nodes" };
    this.#timer = setTimeout(() => this.#tell(), WORTH_SHOWING);
  }

  /** Launches nodes; `launch` has to say of each that it is there. */
  static async during<T>(
    { emit, id, names }: { emit: Emit; id: string; names: readonly string[] },
    launch: (onLaunched: () => void) => Promise<T>,
  ): Promise<T> {
    const work = new LaunchWork(emit, id, names);
    try {
      const result = await launch(() => work.#count());
      work.#end();
      return result;
    } catch (error) {
      work.#end(error);
      throw error;
    }
  }

  #tell(): void {
    this.#isTold = true;
    this.#emit({ type: "work-started", ...this.#work, done: this.#done });
  }

  #count(): void {
    this.#done++;
    if (this.#isTold) this.#emit({ type: "work-progress", ...this.#work, done: this.#done });
  }

  #end(error?: unknown): void {
    clearTimeout(this.#timer);
    if (!this.#isTold) return;
    const failure = error === undefined ? {} : { error: String(error) };
    this.#emit({ type: "work-ended", ...this.#work, done: this.#done, ...failure });
  }
}
