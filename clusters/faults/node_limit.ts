import type { MachineResources } from "../../agent/host/host.ts";
import type { Limit } from "../kit/mod.ts";

/**
 * How much a node gets of something while faults limit it: the least that one of them asks for, and what
 * it was made with once there is none.
 */
export class NodeLimit {
  readonly #limit: Limit;
  readonly #asked = new Map<object, number>();
  /** What it had before; `undefined` if nobody has looked. */
  before: number | undefined;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** What faults ask for; `undefined` when none does. */
  get amount(): number | undefined {
    return this.#asked.size === 0 ? undefined : Math.min(...this.#asked.values());
  }

  /** Sets it for one more fault. */
  async add(fault: object, amount: number, signal: AbortSignal): Promise<void> {
    this.#asked.set(fault, amount);
    try {
      await this.#limit.set(this.amount, { signal });
      signal.throwIfAborted();
    } catch (error) {
      this.#asked.delete(fault);
      // What became of a call that has failed is not known.
      await this.#limit.set(this.amount, {}).catch(() => {});
      throw error;
    }
  }

  /** Sets it for one fault less. */
  async remove(fault: object): Promise<void> {
    this.#asked.delete(fault);
    await this.#limit.set(this.amount, {});
  }
}

/** What a node gets of each, all of its machine's if there is no limit. */
export function amountsOf(
  { cpuLimit, processors, memoryLimit, memory }: MachineResources,
): { readonly cpu: number; readonly memory: number } {
  return { cpu: cpuLimit ?? processors, memory: memoryLimit ?? memory };
}
