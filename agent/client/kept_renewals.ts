import { delay } from "../delay.ts";
import type { ModuleRenewal, RenewalModule } from "./module_renewal.ts";

/** Renews what modules hold, each at its own interval. */
export class KeptRenewals {
  readonly #onFailure: (message: string) => void;
  readonly #kept = new Map<number, AbortController>();

  /** `onFailure` hears of each renewal that fails; the next one comes in its time. */
  constructor(onFailure: (message: string) => void) {
    this.#onFailure = onFailure;
  }

  /** Renews from now on. `id` is unique. */
  add(id: number, renewal: ModuleRenewal): void {
    const end = new AbortController();
    this.#kept.set(id, end);
    this.#keep(renewal, end.signal).catch((error) => {
      if (!end.signal.aborted) this.#onFailure(String(error));
    });
  }

  /** Stops a renewal. */
  remove(id: number): void {
    this.#kept.get(id)?.abort();
    this.#kept.delete(id);
  }

  async #keep({ module, target, interval }: ModuleRenewal, signal: AbortSignal): Promise<void> {
    for (;;) {
      await delay(interval, signal);
      try {
        const { openRenewal } = await import(module) as RenewalModule;
        using renewal = await openRenewal(target);
        await renewal.renew(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#onFailure((error as Error).message);
      }
    }
  }
}
