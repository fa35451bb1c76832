/**
 * Puts the terminal of standard input into a mode in which all keys come at once and nothing that is
 * shown is changed; disposing restores what it was. Deno's own raw mode changes what is shown.
 */
export class RawTerminal implements Disposable {
  readonly #saved: string | undefined;

  constructor() {
    this.#saved = Deno.stdin.isTerminal() ? stty("-g") : undefined;
    if (this.#saved !== undefined) stty("raw", "-echo");
  }

  [Symbol.dispose](): void {
    if (this.#saved !== undefined) stty(this.#saved);
  }
}

function stty(...args: string[]): string {
  const { success, stdout } = new Deno.Command("stty", {
    args,
    stdin: "inherit",
    stdout: "piped",
    stderr: "null",
  }).outputSync();
  if (!success) throw new Error(`Cannot set up the terminal: "stty ${args.join(" ")}" failed`);
  return new TextDecoder().decode(stdout).trim();
}
