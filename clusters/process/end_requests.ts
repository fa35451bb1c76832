/** Signals by which one asks a process to end, whatever it makes of them. */
const ENDING: ReadonlySet<string> = new Set(["SIGTERM", "SIGKILL", "SIGINT", "SIGQUIT", "SIGABRT"]);

/** What a test has done for a process to end. */
export class EndRequests {
  readonly #signals = new Set<string>();
  #isAsked = false;

  /** It is to end. */
  add(): void {
    this.#isAsked = true;
  }

  /** It gets a signal. */
  addSignal(signal: string): void {
    if (ENDING.has(signal)) this.add();
    this.#signals.add(signal);
  }

  /** Whether an end is one that the test has asked for; without a status it ended with its node. */
  explain(status: { readonly signal: string | null } | undefined): boolean {
    return this.#isAsked || this.#signals.has(status?.signal ?? "");
  }
}
