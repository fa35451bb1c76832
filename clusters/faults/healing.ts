import type { Emit, FaultProof } from "../events/mod.ts";

/** A fault that ends. */
export interface EndingFault {
  readonly id: string;
  /** Completes "Cannot …". */
  readonly action: string;
  readonly context: { readonly emit: Emit };
}

/** Ends a fault by `work`, which resolves to what has shown that, and tells what came of it by an event. */
export async function healing(
  { id: fault, action, context: { emit } }: EndingFault,
  work: () => Promise<FaultProof | undefined>,
): Promise<void> {
  const started = performance.now();
  const ended = (end: { error?: string; proof?: FaultProof }) =>
    emit({ type: "fault-healed", fault, action, elapsed: performance.now() - started, ...end });
  try {
    const proof = await work();
    ended(proof ? { proof } : {});
  } catch (error) {
    ended({ error: String(error) });
    throw error;
  }
}
