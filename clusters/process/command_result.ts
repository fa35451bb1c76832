import { shownAs } from "../calls/mod.ts";

/** What a command that has ended left. `console.log()` shows its outputs as text, long ones shortened. */
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

/** Characters of an output that are shown. */
const SHOWN = 1_000;

/** The same result, which `console.log()` and `Deno.inspect()` show without its bytes. */
export function inspectable(result: CommandResult): CommandResult {
  return shownAs(result, (inspect) => {
    const { stdoutBytes: _stdout, stderrBytes: _stderr, ...fields } = result;
    const texts = { stdout: shortened(result.stdout), stderr: shortened(result.stderr) };
    return inspect({ ...fields, ...texts });
  });
}

/** The beginning and the end of a long text. */
function shortened(text: string): string {
  const left = text.length - SHOWN;
  if (left <= 0) return text;
  return `${text.slice(0, SHOWN / 2)}… ${left} more characters …${text.slice(-SHOWN / 2)}`;
}
