import { UntilDone } from "../../agent/until_done.ts";
import { allOrNone, throwFailures } from "../concurrency/mod.ts";
import type { FaultProof, MachineCheck } from "../events/mod.ts";
import { insidesOf, type Node } from "../node/mod.ts";
import type { FaultContext } from "./fault_context.ts";
import { FaultProofError, isAsExpected } from "./fault_proof.ts";
import { FaultLosses } from "./fault_losses.ts";
import { healing } from "./healing.ts";
import type { AppliedChange, MachineChange, MachineTarget } from "./machine_change.ts";
import type { MachineFaultOptions } from "./machine_options.ts";

/** What a fault of machines is made of. */
export interface MachineFaultParts {
  readonly id: string;
  /** Completes "Cannot …". */
  readonly action: string;
  readonly change: MachineChange;
  readonly targets: readonly MachineTarget[];
  readonly options: MachineFaultOptions;
  readonly context: FaultContext;
  /** Called once it is healed. */
  readonly onHealed: (fault: MachineFault) => void;
}

/** A change, and the node that it was made to. */
interface NodeChange {
  readonly target: MachineTarget;
  readonly applied: AppliedChange;
}

/**
 * What nodes get less of, or find full: how that is begun, proved, and ended. All of it is done in the
 * turns of the context.
 */
export class MachineFault {
  readonly #parts: MachineFaultParts;
  #changes: readonly NodeChange[] = [];
  #proof: FaultProof | undefined;
  /** Those on which it has ended because they were killed: it comes back with them. */
  readonly #killed = new Set<MachineTarget>();
  readonly #losses: FaultLosses;
  readonly #removal = new UntilDone(() => this.#remove());

  private constructor(parts: MachineFaultParts) {
    this.#parts = parts;
    this.#losses = new FaultLosses(parts);
  }

  /** Begins it, in its turn. Rejects, with nothing left of it, when it cannot be made or shown. */
  static async make(parts: MachineFaultParts, signal: AbortSignal): Promise<MachineFault> {
    const fault = new MachineFault(parts);
    try {
      fault.#changes = await fault.#begin(parts.targets, signal);
      if (parts.options.proof !== false) await fault.#prove(signal);
      return fault;
    } catch (error) {
      await fault.#removal.run().catch(() => {});
      fault.takeLoss();
      for (const { node } of parts.targets) node.signal.throwIfAborted();
      throw error;
    }
  }

  /** What was measured; `undefined` with `proof: false`. */
  get proof(): FaultProof | undefined {
    return this.#proof;
  }

  /** Whether nodes have again what they had, as far as this fault is concerned. */
  get isHealed(): boolean {
    return this.#removal.hasBegun;
  }

  /** An error that says, once, where it has ended by itself. */
  takeLoss(): Error | undefined {
    return this.#losses.take();
  }

  /** Ends it, and proves that. Idempotent. */
  async heal(signal?: AbortSignal): Promise<void> {
    await this.#parts.context.turns.take(async () => {
      if (this.isHealed) return await this.#removal.run();
      const changes = this.#changes;
      await healing(this.#parts, async () => {
        await this.#removal.run();
        await this.#losses.settle();
        return await this.#proveUndone(changes, signal);
      });
    }, signal);
  }

  /** Whether it has ended on a node because that was killed. */
  hasToBeRestoredOn(node: Node): boolean {
    return !this.isHealed && [...this.#killed].some((target) => target.node === node);
  }

  /** Makes it again, in its turn, where it has ended because nodes were killed that are up again. */
  async update(signal: AbortSignal): Promise<void> {
    const up = [...this.#killed].filter(({ node }) => !insidesOf(node).isDown && !isGone(node));
    for (const target of up) this.#killed.delete(target);
    this.#changes = [...this.#changes, ...await this.#begin(up, signal)];
  }

  async #begin(targets: readonly MachineTarget[], signal: AbortSignal): Promise<NodeChange[]> {
    const { change, options: { proof = true } } = this.#parts;
    return await allOrNone(targets, {
      make: async (target, signal): Promise<NodeChange> => {
        const applied = await change.begin(target, { proof, signal });
        applied.lost?.then((error) => this.#lose({ target, applied }, error));
        return { target, applied };
      },
      undo: async ({ applied }) => await applied[Symbol.asyncDispose](),
      signals: [signal],
    });
  }

  /** What does it on a node has ended: with what runs there, or by itself. */
  #lose({ target, applied }: NodeChange, error: Error): void {
    const { context } = this.#parts;
    if (this.isHealed || context.signal.aborted || isGone(target.node)) return;
    this.#changes = this.#changes.filter((each) => each.applied !== applied);
    if (insidesOf(target.node).isDown) return void this.#killed.add(target);
    this.#losses.add(target.node, error);
  }

  /** What was done to a node is gone with the node. */
  async #remove(): Promise<void> {
    throwFailures(
      await Promise.allSettled(this.#changes.map(async ({ target, applied }) => {
        try {
          await applied[Symbol.asyncDispose]();
        } catch (error) {
          if (!isGone(target.node)) throw error;
        }
      })),
    );
    this.#parts.onHealed(this);
  }

  async #prove(signal: AbortSignal): Promise<void> {
    const { action } = this.#parts;
    this.#proof = await measured(this.#changes, ({ applied }) => applied.prove(signal));
    check(action, this.#proof);
  }

  /** Of nodes that do not answer, nothing is to be shown. */
  async #proveUndone(
    changes: readonly NodeChange[],
    signal?: AbortSignal,
  ): Promise<FaultProof | undefined> {
    const { context, action, options } = this.#parts;
    if (options.proof === false || context.signal.aborted) return undefined;
    const until = signal ? AbortSignal.any([context.signal, signal]) : context.signal;
    return await context.onNodes(async () => {
      const answering = changes.filter(({ target: { node } }) => !isGone(node) && !isAway(node));
      const proof = await measured(answering, ({ applied }) => applied.proveUndone(until));
      check(`heal what was done to ${action}`, proof);
      return proof;
    }, until);
  }
}

/** Why a node cannot be asked anything now; `undefined` if it can. */
export function isAway(node: Node): "down" | "paused" | undefined {
  const { isDown, isPaused } = insidesOf(node);
  return isDown ? "down" : isPaused ? "paused" : undefined;
}

async function measured(
  changes: readonly NodeChange[],
  measure: (change: NodeChange) => Promise<MachineCheck[]>,
): Promise<FaultProof> {
  const started = performance.now();
  const machines = (await Promise.all(changes.map(measure))).flat();
  const elapsed = performance.now() - started;
  return { checks: [], machines, links: 0, checkedLinks: 0, elapsed };
}

function check(action: string, proof: FaultProof): void {
  if (!proof.machines!.every(isAsExpected)) throw new FaultProofError(action, proof);
}

function isGone({ signal }: Node): boolean {
  return signal.aborted;
}
