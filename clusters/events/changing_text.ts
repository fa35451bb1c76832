/** Saves the place of the cursor; restores it. */
const [SAVE, RESTORE] = ["\x1b7", "\x1b8"];

/** What does not fit is cut off, so that it stays on its line. */
const [NO_WRAP, WRAP] = ["\x1b[?7l", "\x1b[?7h"];

/** Erases the line from the cursor on. */
const ERASE = "\x1b[K";

/** What progress is written to. */
export interface ProgressOutput {
  isTerminal(): boolean;
  writeSync(bytes: Uint8Array): number;
}

/** What a terminal is written to, and whether that has to be closed. */
type Terminal = Pick<ProgressOutput, "writeSync"> & Partial<Disposable>;

/**
 * A text on a terminal that is replaced by the next one. It is to the right of the cursor, which
 * stays where it is: others write there, such as the reporter of `deno test`.
 */
export class ChangingText implements Disposable {
  readonly #terminal: Terminal;
  #isShown = false;

  private constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Opens the terminal that `output` is or hides, if there is one. */
  static open(output: ProgressOutput): ChangingText | undefined {
    // Standard error belongs to the whole process, so it stays open.
    const shared: Terminal = { writeSync: (bytes) => output.writeSync(bytes) };
    const terminal = output.isTerminal() ? shared : hiddenTerminal(output);
    return terminal && new ChangingText(terminal);
  }

  /** Replaces what is shown. */
  show(text: string): void {
    this.#write(`${SAVE}${NO_WRAP} ${text}${ERASE}${WRAP}${RESTORE}`);
    this.#isShown = true;
  }

  /** Leaves nothing of what is shown. */
  clear(): void {
    if (this.#isShown) this.#write(ERASE);
    this.#isShown = false;
  }

  [Symbol.dispose](): void {
    this.clear();
    this.#terminal[Symbol.dispose]?.();
  }

  #write(text: string): void {
    this.#terminal.writeSync(new TextEncoder().encode(text));
  }
}

/**
 * `deno test` puts a pipe in place of what tests write to, and shows what comes out of it in blocks.
 * The standard error of the process is still the terminal.
 */
function hiddenTerminal(output: ProgressOutput): Deno.FsFile | undefined {
  if (output !== Deno.stderr) return undefined;
  // Without the permission to do anything, opening it would ask for that.
  if (Deno.permissions.querySync({ name: "write" }).state !== "granted") return undefined;
  try {
    const file = Deno.openSync("/dev/fd/2", { write: true });
    if (file.isTerminal()) return file;
    file.close();
  } catch {
    // It is closed, or something that cannot be opened anew, and no terminal.
  }
  return undefined;
}
