import { delay } from "../delay.ts";
import type { ModuleRenewal, RenewalModule } from "./module_renewal.ts";

/** Takes why a renewal has failed, and what was to be renewed. */
type RenewalFailed = (message: string, what: string) => void;

/** Renews several things by their modules, each at its own interval. */
export class KeptRenewals {
  readonly #onFailure: RenewalFailed;
  readonly #kept = new Map<number, AbortController>();

  /** `onFailure` hears of each renewal that fails; the next one comes in its time. */
  constructor(onFailure: RenewalFailed) {
    this.#onFailure = onFailure;
  }

  /** Renews from now on. `id` is unique. */
  add(id: number, renewal: ModuleRenewal): void {
    const end = new AbortController();
    this.#kept.set(id, end);
    this.#keep(renewal, end.signal).catch((error) => {
      if (!end.signal.aborted) this.#onFailure(String(error), renewal.what);
    });
  }

  /** Stops a renewal. */
  remove(id: number): void {
    this.#kept.get(id)?.abort();
    this.#kept.delete(id);
  }

  async #keep(
    { what, module, target, interval }: ModuleRenewal,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      await delay(interval, signal);
      try {
        const { openRenewal } = await import(module) as RenewalModule;
        using renewal = await openRenewal(target);
        await renewal.renew(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#onFailure((error as Error).message, what);
      }
    }
  }
}
