import type { RunIdentity } from "../kit/mod.ts";

/**
 * The process of a guardian. Lines for it wait in its pipe: it reads them all, even if the runner has
 * ended before the process has begun to read.
 */
export class GuardianProcess {
  /** Resolves once it has ended, for whatever reason. A runner that has nothing else to do ends before. */
  readonly ended: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  /** Starts one with these lines as arguments: the runner may be killed before it can write them. */
  constructor(run: RunIdentity, lines: Iterable<string>) {
    this.#child = spawn(run, lines);
    // The runner does not stay for it.
    this.#child.unref();
    this.#writer = this.#child.stdin.getWriter();
    this.#writer.closed.catch(() => {});
    this.ended = this.#child.status.then(async () => {
      await this.#writer.abort().catch(() => {});
    });
  }

  /** Its number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Sends it a line; resolves to `false` if it has ended. */
  async tell(line: string): Promise<boolean> {
    try {
      await this.#writer.write(new TextEncoder().encode(`${line}\n`));
      return true;
    } catch {
      return false;
    }
  }

  /** Waits until it has ended. */
  async awaitEnd(): Promise<void> {
    this.#child.ref();
    await this.ended;
  }

  /**
   * Ends it without a sweep. Closing its input alone would make it sweep, as after the death of the runner.
   */
  async dismiss(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.awaitEnd();
  }
}

/** Starts it in a session of its own, without the runner's terminal, so that only its pipe ends it. */
function spawn(run: RunIdentity, lines: Iterable<string>): Deno.ChildProcess {
  const main = new URL("./main.ts", import.meta.url).href;
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--quiet", "--no-lock", "--no-prompt"],
      ...[main, run.id, Deno.cwd(), ...lines],
    ],
    cwd: "/",
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
}
