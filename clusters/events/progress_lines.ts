import { ChangingText, type ProgressOutput } from "./changing_text.ts";
import type { OngoingEvent } from "./event_line.ts";

/** Milliseconds between two states of a text that changes. */
const REFRESH = 100;

/** How lines are shown. */
export interface ProgressLinesOptions {
  /** @default standard error */
  readonly output?: ProgressOutput | undefined;
  /** Begin each line with the time of day, in UTC, as the record has it. @default false */
  readonly withTimes?: boolean | undefined;
}

/** Lines about what happens; work that goes on is a text that changes, where there is a terminal. */
export class ProgressLines implements Disposable {
  readonly #output: ProgressOutput;
  readonly #withTimes: boolean;
  /** The step of each work that was shown last. */
  readonly #steps = new Map<string, string>();
  #changing: ChangingText | undefined;
  #isOpen = false;
  #refreshed = 0;

  constructor({ output = Deno.stderr, withTimes = false }: ProgressLinesOptions = {}) {
    this.#output = output;
    this.#withTimes = withTimes;
  }

  /** A line that stays, about something that happened at this time. */
  print(line: string, time: number): void {
    const prefix = this.#withTimes ? `${new Date(time).toISOString().slice(11, 23)} ` : "";
    this.#changing?.clear();
    this.#output.writeSync(new TextEncoder().encode(`${prefix}${line}\n`));
  }

  /** Shows how far the work is, and a line that stays when it has ended. */
  showWork(event: OngoingEvent): void {
    if (!this.#isOpen) this.#changing = ChangingText.open(this.#output);
    this.#isOpen = true;
    if (event.type === "work-ended") return this.#showEnd(event);
    const isNewStep = this.#steps.get(event.work) !== event.label;
    this.#steps.set(event.work, event.label);
    if (!this.#changing) {
      if (isNewStep) this.print(`${event.label} …`, event.time);
    } else if (isNewStep || event.time - this.#refreshed >= REFRESH) {
      this.#refreshed = event.time;
      this.#changing.show(`${event.label} …${amount(event)}`);
    }
  }

  [Symbol.dispose](): void {
    this.#changing?.[Symbol.dispose]();
    this.#changing = undefined;
  }

  #showEnd(event: OngoingEvent): void {
    this.#steps.delete(event.work);
    const failure = "error" in event && event.error ? ` failed: ${event.error}` : "";
    this.print(`${event.label}${failure} (${(event.elapsed / 1000).toFixed(1)} s)`, event.time);
  }
}

/** How much is done, if that is known. */
function amount({ done, total, unit = "steps" }: OngoingEvent): string {
  if (done === undefined) return "";
  const part = total ? ` ${Math.floor(100 * done / total)} %` : "";
  if (unit === "bytes") return `${part} (${(done / 2 ** 20).toFixed(0)} MiB)`;
  return `${part} (${done}${total ? `/${total}` : ""} ${unit})`;
}
