/** Everything that waits for a node takes this; aborting rejects with the signal's reason. */
export interface NodeCallOptions {
  /** Aborting rejects with the signal's reason, and ends what was begun on the node. */
  readonly signal?: AbortSignal | undefined;
}
