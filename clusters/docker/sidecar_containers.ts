import { throwFailures } from "../concurrency/mod.ts";
import type { Container } from "./container.ts";
import { hasStatus } from "./engine/engine_error.ts";

/**
 * The containers beside a node whose agents are reached through the node. They are paused with it: nothing
 * renews their leases meanwhile, which would run out.
 */
export class SidecarContainers {
  readonly #all = new Set<Container>();

  /** One has come. */
  add(container: Container): void {
    this.#all.add(container);
  }

  /** One has ended. */
  delete(container: Container): void {
    this.#all.delete(container);
  }

  /** Stops the clocks of all that have not ended. */
  async pause(): Promise<void> {
    await this.#each((container) => container.pause());
  }

  /** Lets all go on. */
  async resume(): Promise<void> {
    await this.#each((container) => container.unpause());
  }

  async #each(work: (container: Container) => Promise<void>): Promise<void> {
    throwFailures(
      await Promise.allSettled([...this.#all].map(async (container) => {
        try {
          await work(container);
        } catch (error) {
          // It is gone, or has ended by now, or is as it is to be.
          if (!hasStatus(error, 404, 409)) throw error;
        }
      })),
    );
  }
}
