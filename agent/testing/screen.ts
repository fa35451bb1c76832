import type { Host, HostProcess, ProcessSpec, TerminalSize } from "../host/host.ts";

/** Milliseconds in which a program shows what is awaited, on a busy machine. */
const PATIENCE = 30_000;

/** A program on a terminal of a host, as somebody sees it who types and reads. */
export class Screen implements AsyncDisposable {
  readonly process: HostProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #all = "";
  /** Characters of it that were waited for, and what was before those. */
  #seen = 0;
  #isOver = false;
  #wake = () => {};

  private constructor(process: HostProcess) {
    this.process = process;
    this.#keys = process.stdin.getWriter();
    this.#keys.closed.catch(() => {});
    // Who disposes of the process has no interest in the rest.
    this.#reading = this.#read().catch(() => {}).then(() => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** Starts a program on a terminal. */
  static async open(
    host: Host,
    command: readonly [string, ...string[]],
    { rows = 24, columns = 80, env }: Partial<TerminalSize> & Pick<ProcessSpec, "env"> = {},
  ): Promise<Screen> {
    const [program, ...args] = command;
    return new Screen(
      await host.processes.start({
        command: program,
        args,
        env: { TERM: "xterm", PS1: "$ ", ...env },
        ...{ stdin: "piped", stdout: "piped", stderr: "null" },
        terminal: { rows, columns },
      }),
    );
  }

  /** All that was shown until now. */
  get all(): string {
    return this.#all;
  }

  /** The same, without what {@linkcode Screen.shows} has resolved to and what was before that. */
  get shown(): string {
    return this.#all.slice(this.#seen);
  }

  /** Types something. */
  async type(text: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(text));
  }

  /** Waits until this is shown, and looks from then on only at what comes behind it. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, PATIENCE);
    try {
      for (;;) {
        const match = pattern.exec(this.shown);
        if (match) {
          this.#seen += match.index + match[0].length;
          return match;
        }
        if (isLate || this.#isOver) {
          throw new Error(`${pattern} is not in what is shown: ${JSON.stringify(this.shown)}`);
        }
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Its exit code, once it has ended by itself and nothing more is shown. */
  async ended(): Promise<number> {
    const { code } = await this.process.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.#keys.abort().catch(() => {});
    await this.#reading;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.process.stdout) {
      this.#all += decoder.decode(chunk, { stream: true });
      this.#wake();
    }
  }
}
