/** What is known of a program that its image's check has found unhealthy. */
export interface Unhealthy {
  /** The node that it ran on. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** How many checks in a row have failed. */
  readonly failures: number;
  /** The last part of what the last of them wrote, on both outputs. */
  readonly output: string;
}

/** The program of an image is not healthy, as its `HEALTHCHECK` says. */
export class UnhealthyError extends Error implements Unhealthy {
  /** `"UnhealthyError"`. */
  override readonly name = "UnhealthyError";
  /** The node that it ran on. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** How many checks in a row have failed. */
  readonly failures: number;
  /** The last part of what the last of them wrote, on both outputs. */
  readonly output: string;

  /** `call` is what did not complete; `how` is how the last check ended, as in "it exited with code 1". */
  constructor(unhealthy: Unhealthy & { readonly call: string; readonly how: string }) {
    const { node, backend, failures, output, call, how } = unhealthy;
    const times = failures === 1 ? "once" : `${failures} times in a row`;
    const text = output.trimEnd().replaceAll("\n", "\n  ");
    super(
      `Cannot complete ${call} on node "${node}" (${backend}): the HEALTHCHECK of its image failed ` +
        `${times}; the last time ${how}${text === "" ? "" : `\nits output:\n  ${text}`}`,
    );
    this.node = node;
    this.backend = backend;
    this.failures = failures;
    this.output = output;
  }
}
