/** Why a node is gone. */
export interface LossReason {
  /** A clause that completes "the node was lost: …". */
  readonly summary: string;
  /** What else is known, a line each: exit code, last output of the agent, state reason. */
  readonly details?: readonly string[] | undefined;
  /** The error from which that is known, if there is one. */
  readonly cause?: unknown;
}
