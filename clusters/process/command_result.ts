/** What a command that has ended left. */
export interface CommandResult {
  /** Whether the code is 0. */
  readonly success: boolean;
  /** The exit code; 128 plus the signal's number after a signal. */
  readonly code: number;
  /** True when the kernel's OOM killer ended it, as far as the node's control group tells. */
  readonly outOfMemory?: true | undefined;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: Deno.Signal | null;
  /** As text; bytes that are not UTF-8 become U+FFFD. */
  readonly stdout: string;
  /** As `stdout`. */
  readonly stderr: string;
  /** The output, byte for byte. */
  readonly stdoutBytes: Uint8Array<ArrayBuffer>;
  /** The errors, byte for byte. */
  readonly stderrBytes: Uint8Array<ArrayBuffer>;
  /** Milliseconds from start to end, on the node's clock. */
  readonly elapsed: number;
}
