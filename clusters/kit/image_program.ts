/** How it is found out whether the program of an image does what it is for. */
export interface HealthCheck {
  /** What is run on the node; it exits with 0 if all is well. */
  readonly command: readonly string[];
  /** Milliseconds from a check's end, or the program's start, to the next check. */
  readonly interval: number;
  /** The same, during `startPeriod`. */
  readonly startInterval: number;
  /** Milliseconds that a check may take; one that takes longer has failed. */
  readonly timeout: number;
  /** Milliseconds from the program's start for which failures do not count. */
  readonly startPeriod: number;
  /** Failures in a row after which the program counts as unhealthy. */
  readonly retries: number;
}

/** What a node's image says of the program that it is for. */
export interface ImageProgram {
  /** The image, as the author of the test knows it. */
  readonly image: string;
  /** Its entrypoint and its command; empty if the image has neither. */
  readonly command: readonly string[];
  /** The folder that it starts in: an absolute path. */
  readonly cwd: string;
  /** Whom it belongs to; `undefined` for whom the node's agent belongs to. */
  readonly user: string | undefined;
  /** `undefined` if the image has none. */
  readonly healthCheck: HealthCheck | undefined;
}
