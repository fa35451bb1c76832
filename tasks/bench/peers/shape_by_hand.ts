import type { Engine } from "../../../clusters/docker/engine/engine.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { pidOf } from "./filters_by_hand.ts";
import { runProgram } from "../program.ts";

/**
 * What a script shapes a node's packets by: `tc`, with root on this machine. It shapes all that the node
 * sends, to whomever; nothing shows that it is effective.
 */
export class ShapeByHand {
  readonly #pid: number;
  readonly #discipline: readonly string[];

  private constructor(pid: number, discipline: readonly string[]) {
    this.#pid = pid;
    this.#discipline = discipline;
  }

  /** Changes nothing yet. `discipline` is what is said to `tc`, as `["netem", "delay", "20ms"]`. */
  static async prepare(
    { engine, from }: { readonly engine: Engine; readonly from: Node },
    discipline: readonly string[],
  ): Promise<ShapeByHand> {
    return new ShapeByHand(await pidOf(engine, from.id), discipline);
  }

  /** Shapes what is sent. */
  async make(): Promise<void> {
    await this.#tc(["add", "dev", "eth0", "root", ...this.#discipline]);
  }

  /** Lets it pass again. */
  async heal(): Promise<void> {
    await this.#tc(["del", "dev", "eth0", "root"]);
  }

  async #tc(args: readonly string[]): Promise<void> {
    await runProgram("nsenter", [`--net=/proc/${this.#pid}/ns/net`, "tc", "qdisc", ...args]);
  }
}
