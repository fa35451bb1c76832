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

  /** Tells it a line; resolves to whether that was possible: it may have ended. */
  async tell(line: string): Promise<boolean> {
    try {
      await this.#writer.write(new TextEncoder().encode(`${line}\n`));
      return true;
    } catch {
      return false;
    }
  }

  /** Waits until it has ended, as it is about to. */
  async awaitEnd(): Promise<void> {
    this.#child.ref();
    await this.ended;
  }

  /**
   * Ends it, when there is nothing for it to do. If the end of its input were what it noticed first, it
   * would look for left-overs in vain.
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

/** In a session of its own, with nothing of the runner's terminal, so that only its pipe ends it. */
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
