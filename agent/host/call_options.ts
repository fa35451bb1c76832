/** Every call takes this; aborting rejects with the signal's reason. */
export interface CallOptions {
  /** Aborting rejects with its reason, unchanged. */
  readonly signal?: AbortSignal | undefined;
}
