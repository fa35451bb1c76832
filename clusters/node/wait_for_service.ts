import {
  type AuthorCall,
  emitAfter,
  type NodeCallOptions,
  type NodeContext,
} from "../calls/mod.ts";
import { ProcessEndedError } from "../errors.ts";
import { kinds, type OptionKind } from "../options/mod.ts";
import { outcomeOf, Process, type ProcessOutcome } from "../process/mod.ts";
import { checkDuration, Tries, tryUntil, WAIT_TIMEOUT } from "../waiting/mod.ts";

/** Milliseconds between two tries. */
const INTERVAL = 25;

/** How long a service is waited for. */
export interface WaitOptions extends NodeCallOptions {
  /** Milliseconds after which it fails; `Infinity` for never. @default 30000 */
  readonly timeout?: number | undefined;
  /** Fails at once when this process ends: the one that is to serve, of whatever node. */
  readonly while?: Process | undefined;
}

/** Of a wait. What is to be a duration is looked at by {@linkcode waitForService}. */
export const WAIT_KINDS: { readonly [name in keyof Required<WaitOptions>]: OptionKind } = {
  signal: kinds.signal,
  timeout: kinds.number("milliseconds"),
  while: { description: "a Process", is: (value) => value instanceof Process },
};

/** What is waited for. */
export interface ServiceWait {
  readonly call: AuthorCall;
  /** What is to be said when it does not happen: `nothing accepted a connection`. */
  readonly state: string;
  /** Milliseconds that a try may take: what hangs may answer the next one. */
  readonly tryTimeout: number;
  readonly options: WaitOptions;
}

/** Tries until a service is there; each try is to reject as long as it is not. */
export async function waitForService(
  { life, emit, name: node, backend }: NodeContext,
  { call, state, tryTimeout, options }: ServiceWait,
  attempt: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { timeout = WAIT_TIMEOUT, while: process } = options;
  call.check(() => checkDuration("timeout", timeout));
  const outcome = process && outcomeOf(process);
  const { name: what } = call;
  const tries = new Tries();
  await life.during(call, async (alive) => {
    emit({ type: "wait-started", node, call: what, timeout, places: call.places });
    const signal = outcome ? AbortSignal.any([alive, endOf(outcome, { what, tries })]) : alive;
    const where = ` on node "${node}" (${backend})`;
    const details = () => outcome ? `${outcome}` : "";
    const wait = { what, state, where, node, details, timeout, interval: INTERVAL, tryTimeout };
    await emitAfter(
      () => tryUntil(attempt, { ...wait, tries, signal }),
      (end) => emit({ type: "wait-ended", node, call: what, tries: tries.count, ...end }),
    );
  });
}

/** Aborts when the process has ended, with what is to be said of the wait then. */
function endOf(outcome: ProcessOutcome, wait: { what: string; tries: Tries }): AbortSignal {
  const controller = new AbortController();
  const { what, tries } = wait;
  outcome.ended().then(
    (process) => {
      const error = { ...process, what: `Cannot complete ${what}`, seen: `; ${tries}` };
      controller.abort(new ProcessEndedError(error, { cause: tries.last }));
    },
    (error) => controller.abort(error),
  );
  return controller.signal;
}
