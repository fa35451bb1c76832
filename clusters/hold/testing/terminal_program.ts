/** Milliseconds in which a program says what is awaited, on a busy machine. */
const PATIENCE = 30_000;

/** Runs a program on a terminal of its own, by `script` of util-linux. */
export class TerminalProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #output = "";
  #wake = () => {};

  /** `command` is for the shell. */
  constructor(command: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", command, "/dev/null"],
      env: { CI: "", SHELL: "/bin/sh", NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** What it has shown until now. */
  get output(): string {
    return this.#output.replaceAll("\r", "");
  }

  /** Types something. */
  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** Waits until it has shown this; resolves to the match. Throws with all it has shown. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, PATIENCE);
    try {
      for (;;) {
        const match = pattern.exec(this.output);
        if (match) return match;
        if (isLate) throw new Error(`${pattern} is not in what is shown:\n${this.output}`);
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Its exit code, once it has ended by itself. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#input.abort().catch(() => {});
    await this.ended();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      this.#output += decoder.decode(chunk, { stream: true });
      this.#wake();
    }
    this.#wake();
  }
}
