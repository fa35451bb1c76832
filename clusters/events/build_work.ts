import type { BuildProgress } from "../../agent/build/agent_pack.ts";
import type { Emit, WorkEvent } from "./events.ts";

/** Tells of the build of an agent, if there is one: an agent that is there already is no work. */
export class BuildWork {
  readonly #emit: Emit;
  readonly #work: WorkEvent = {
    work: `build${crypto.randomUUID().slice(0, 8)}`,
    kind: "build",
    label: "building the agent",
  };
  #isTold = false;

  private constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Does what may build an agent. */
  static async during<T>(
    emit: Emit,
    obtain: (onProgress: (progress: BuildProgress) => void) => Promise<T>,
  ): Promise<T> {
    const work = new BuildWork(emit);
    try {
      const result = await obtain((progress) => work.#show(progress));
      work.#end();
      return result;
    } catch (error) {
      work.#end(error);
      throw error;
    }
  }

  #show({ label, done, total }: BuildProgress): void {
    if (!this.#isTold) this.#emit({ type: "work-started", ...this.#work });
    this.#isTold = true;
    const unit = done === undefined ? undefined : "bytes";
    this.#emit({ type: "work-progress", ...this.#work, label, done, total, unit });
  }

  #end(error?: unknown): void {
    if (!this.#isTold) return;
    const failure = error === undefined ? {} : { error: String(error) };
    this.#emit({ type: "work-ended", ...this.#work, ...failure });
  }
}
