import { ChangingText, type ProgressOutput } from "./changing_text.ts";
import type { OngoingEvent } from "./event_line.ts";

/** Milliseconds between two states of a text that changes. */
const REFRESH = 100;

/** Work that has begun and not ended. */
interface Work {
  readonly started: number;
  /** The step that was told last. */
  label: string;
}

/** Lines about what happens; what is under way is a text that changes, where there is a terminal. */
export class ProgressLines implements Disposable {
  readonly #output: ProgressOutput;
  readonly #works = new Map<string, Work>();
  #changing: ChangingText | undefined;
  #isOpen = false;
  #refreshed = 0;

  /** @param output By default it is standard error */
  constructor(output: ProgressOutput = Deno.stderr) {
    this.#output = output;
  }

  /** A line that stays. */
  print(line: string): void {
    this.#changing?.clear();
    this.#output.writeSync(new TextEncoder().encode(`${line}\n`));
  }

  /** Shows how far the work is, and a line that stays when it has ended. */
  showWork(event: OngoingEvent): void {
    if (!this.#isOpen) this.#changing = ChangingText.open(this.#output);
    this.#isOpen = true;
    if (event.type === "work-ended") return this.#showEnd(event);
    const work = this.#works.get(event.work);
    if (!work) this.#works.set(event.work, { started: event.time, label: event.label });
    const isNewStep = work?.label !== event.label;
    if (work) work.label = event.label;
    if (!this.#changing) {
      if (isNewStep) this.print(`${event.label} …`);
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
    const seconds = (event.time - (this.#works.get(event.work)?.started ?? event.time)) / 1000;
    this.#works.delete(event.work);
    const failure = "error" in event && event.error ? ` failed: ${event.error}` : "";
    this.print(`${event.label}${failure} (${seconds.toFixed(1)} s)`);
  }
}

/** How much is done, if that is known. */
function amount({ done, total, unit = "steps" }: OngoingEvent): string {
  if (done === undefined) return "";
  const part = total ? ` ${Math.floor(100 * done / total)} %` : "";
  if (unit === "bytes") return `${part} (${(done / 2 ** 20).toFixed(0)} MiB)`;
  return `${part} (${done}${total ? `/${total}` : ""} ${unit})`;
}
