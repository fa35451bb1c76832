import type { AgentWatch } from "./host/agent_watch.ts";
import { within } from "./within.ts";

/** Something that has to be ended before the agent is. */
export interface EndingPart {
  readonly what: Disposable | AsyncDisposable;
  /** Milliseconds after which the agent goes on without its end. */
  readonly timeout: number;
}

/** What an agent ends. */
export interface AgentEnding {
  /** In the order in which they are to end. */
  readonly parts: readonly EndingPart[];
  /** What ends the agent if it hangs in that. */
  readonly watch: AgentWatch | undefined;
}

/** How an agent ends. */
export interface EndingOptions {
  /** Whether the machine is not switched off afterwards. */
  readonly machineStays: boolean;
  /** Takes the lines of the agent's log. */
  readonly log: (line: string) => void;
}

/** Milliseconds that an agent which has ended everything has to exit. */
const EXIT_TIMEOUT = 10_000;

/** Milliseconds that all ways to switch the machine off may take together. */
const SHUTDOWN_TIMEOUT = 100_000;

/**
 * Ends everything, whatever becomes of some of it, so that the rest is not left behind. What does not
 * end by itself is left to the watch, which goes on when the agent is gone.
 */
export async function endOfLife(
  { parts, watch }: AgentEnding,
  { machineStays, log }: EndingOptions,
): Promise<void> {
  let killAfterwards = false;
  for (const { what, timeout } of parts) {
    await watch?.end({ within: timeout, machineStays });
    try {
      await within(timeout, dispose(what), { reason: () => new Error("it takes too long") });
    } catch (error) {
      killAfterwards = true;
      log(`cannot end everything: ${reasons(error as Error).join("; ")}`);
    }
  }
  const left = machineStays ? EXIT_TIMEOUT : SHUTDOWN_TIMEOUT;
  await watch?.end({ within: left, machineStays, killAfterwards });
}

async function dispose(what: EndingPart["what"]): Promise<void> {
  await using stack = new AsyncDisposableStack();
  stack.use(what);
}

function reasons(error: Error): string[] {
  return error instanceof AggregateError ? error.errors.flatMap(reasons) : [error.message];
}
