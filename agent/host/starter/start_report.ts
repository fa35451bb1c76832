import { settledWithin } from "../../settled_within.ts";
import { childStatus } from "../child_status.ts";
import { signalQuietly } from "../stray_processes.ts";
import { CLOSE_ON_EXEC, type Libc, NON_BLOCKING } from "./libc.ts";

/** How often is looked at once whether there is something, before a timer paces it. */
const QUICK_LOOKS = 5;

/** Milliseconds between later looks, for as many of them; enough for most programs to have begun. */
const PAUSES = [{ looks: 100, pause: 1 }, { looks: Infinity, pause: 20 }] as const;

/** Bytes that a report has at most: two numbers and a path. */
const LONGEST_REPORT = 8 + 4096;

/** What the starter exits with when it cannot open the pipe. */
const UNREPORTED = 126;

/**
 * The pipe on which the starter tells how a start went. Disposing closes this end of it.
 *
 * The starter opens its end by a path, and says so by one byte. Only then is the descriptor behind
 * that path closed here; so the end of the pipe is the end of the starter, which becomes the program
 * or ends. Reads do not block, and take no thread: a starter may wait for ever, for a file server.
 */
export class StartReport implements Disposable {
  /** Where the starter finds its end. */
  readonly path: string;
  readonly #libc: Libc;
  readonly #reads: number;
  #writes: number | undefined;
  readonly #bytes = new Uint8Array(1 + LONGEST_REPORT);
  #length = 0;
  /** The rest of a path that is longer than any can be; unless it is read, the starter waits for that. */
  readonly #excess = new Uint8Array(LONGEST_REPORT);

  private constructor(libc: Libc, folder: string, [reads, writes]: Int32Array<ArrayBuffer>) {
    this.#libc = libc;
    this.#reads = reads!;
    this.#writes = writes!;
    this.path = `${folder}/${writes}`;
  }

  /** `folder` is where others find the open files of this process. */
  static open(libc: Libc, folder: string): StartReport {
    const ends = new Int32Array(2);
    if (libc.symbols.pipe2(new Uint8Array(ends.buffer), CLOSE_ON_EXEC | NON_BLOCKING) === 0) {
      return new StartReport(libc, folder, ends);
    }
    throw new Error(
      "Cannot start a process: there is no pipe to be had, as of too many open files",
    );
  }

  /**
   * Resolves to what `child` reports before its program takes its place, or to `undefined` if it
   * could not open the pipe. An abort kills it until then, with what its program may have started already.
   */
  async read(
    child: Deno.ChildProcess,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let code: number | undefined;
    const ended = childStatus(child).then((status) => void (code = status.code));
    const abort = () => {
      if (code === undefined) killWithGroup(child.pid);
    };
    signal?.addEventListener("abort", abort);
    try {
      for (let looks = 0; !this.#readAll(code !== undefined); looks++) {
        await (looks < QUICK_LOOKS ? turn() : endOrPause(ended, looks));
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    if (this.#length === 0 && code === UNREPORTED) return undefined;
    // One that was killed before it could say anything has been started as well.
    return this.#bytes.subarray(Math.min(1, this.#length), this.#length);
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#reads);
    this.#closeWrites();
  }

  /** Reads what there is; whether that is all. A child that has ended writes nothing more. */
  #readAll(hasEnded: boolean): boolean {
    for (;;) {
      const rest = this.#bytes.subarray(this.#length);
      const isFull = rest.length === 0;
      const into = isFull ? this.#excess : rest;
      const size = this.#libc.symbols.read(this.#reads, into, BigInt(into.length));
      if (size < 0) return hasEnded;
      if (size === 0) return true;
      if (!isFull) this.#length += size;
      this.#closeWrites();
    }
  }

  #closeWrites(): void {
    if (this.#writes !== undefined) this.#libc.symbols.close(this.#writes);
    this.#writes = undefined;
  }
}

/**
 * Kills a child that becomes the leader of a group: the program that has taken its place may have started
 * others, and a child that led nothing yet may have come to lead before it was killed itself.
 */
function killWithGroup(pid: number): void {
  for (const each of [-pid, pid, -pid]) signalQuietly(each, "SIGKILL");
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function endOrPause(end: Promise<unknown>, looks: number): Promise<void> {
  const { pause } = PAUSES.find((each) => looks < each.looks)!;
  await settledWithin(pause, end);
}
