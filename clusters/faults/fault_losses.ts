import { Deadline } from "../../agent/deadline.ts";
import { insidesOf, type Node } from "../node/mod.ts";
import type { FaultContext } from "./fault_context.ts";

/** Milliseconds in which the loss of a node is noticed whose host is lost. */
const PATIENCE = 2_000;

/** A fault that may be lost. */
interface LosableFault {
  readonly id: string;
  /** Completes "Cannot …". */
  readonly action: string;
  readonly context: Pick<FaultContext, "emit" | "losses" | "signal">;
}

interface Loss {
  readonly node: Node;
  readonly error: Error;
  /** Milliseconds after the fault was begun. */
  readonly after: number;
  readonly time: Date;
}

/** Where a fault has ended before it was healed, because what made it there has ended by itself. */
export class FaultLosses {
  readonly #fault: LosableFault;
  readonly #began = performance.now();
  readonly #losses: Loss[] = [];

  constructor(fault: LosableFault) {
    this.#fault = fault;
  }

  /** Tells of one, and keeps it for who heals the fault, or for the end of the test. */
  add(node: Node, error: Error): void {
    const { id, action, context } = this.#fault;
    const after = performance.now() - this.#began;
    this.#losses.push({ node, error, after, time: new Date() });
    context.losses.add(this);
    context.emit({
      ...{ type: "fault-healed", fault: id, action, elapsed: 0 },
      error: ended({ node, error }),
    });
  }

  /** Whether there is one on a node. */
  has(node: Node): boolean {
    return this.#losses.some((loss) => loss.node === node);
  }

  /** Throws the first one: a fault is not made that was lost by then. */
  throwIfAny(): void {
    const [first] = this.#losses;
    if (first) throw new Error(ended(first), { cause: first.error });
  }

  /** Waits until it is known whether nodes are gone as well, as with their engine: that is noticed later. */
  async settle(): Promise<void> {
    await Promise.all(this.#losses.map(({ node }) => seen(node)));
  }

  /** An error that says what was lost of nodes that are still there, once; `undefined` if there is none. */
  take(): Error | undefined {
    const { action, context } = this.#fault;
    if (!context.losses.delete(this) || context.signal.aborted) return undefined;
    const present = this.#losses.filter(({ node }) => !node.signal.aborted);
    const [first] = present;
    if (!first) return undefined;
    const message = `Cannot heal what was done to ${action}: it was lost before.${
      present.map(describe).join("")
    }\nWhat the test has shown since then, it has shown without the fault`;
    return new Error(message, { cause: first.error });
  }
}

/** Resolves when a node has answered, is gone, or has not answered for some time. */
async function seen(node: Node): Promise<void> {
  const { host, isDown, isPaused } = insidesOf(node);
  if (node.signal.aborted || isDown || isPaused) return;
  using deadline = new Deadline(PATIENCE, [node.signal]);
  const { promise: over, resolve } = Promise.withResolvers<void>();
  deadline.signal.addEventListener("abort", () => resolve(), { once: true });
  const { signal } = deadline;
  await host.packets.addresses({ signal }).catch(() => over);
}

function ended({ node, error }: Pick<Loss, "node" | "error">): string {
  return `The fault ended on node "${node.name}" by itself: ${error.message}`;
}

function describe({ node, error, after, time }: Loss): string {
  const at = time.toISOString().slice(11, 19);
  return `\n  It ended on node "${node.name}" by itself ${
    (after / 1000).toFixed(1)
  } s after it was begun, ` +
    `at ${at} UTC: ${error.message}`;
}
