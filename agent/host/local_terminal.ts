import type { ReadStream } from "node:tty";
import { delay } from "../delay.ts";
import { MAX_TERMINAL_SIZE, type TerminalSize } from "./host.ts";
import { CLOSE_ON_EXEC, openLibrary } from "./starter/libc.ts";

const symbols = {
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

type PtyLibrary = Deno.DynamicLibrary<typeof symbols>;

/** Flags of `posix_openpt()`: `O_RDWR` and `O_NOCTTY`. */
const OPEN_FLAGS = 0o2 | 0o400 | CLOSE_ON_EXEC;

/** Sets the size: `TIOCSWINSZ`. */
const SET_SIZE = 0x5414n;

/** Bytes that are kept of what is shown until somebody reads it. */
const HIGH_WATER_MARK = 64 * 1024;

/** Milliseconds after which is tried again to type what the terminal had no room for. */
const WRITE_PAUSE = 5;

/** The end of a pseudo-terminal that is not the process's. Disposing hangs it up. */
export class LocalTerminal implements Disposable {
  /** Path of the end for the process. */
  readonly path: string;
  /** What is shown. It ends when no process has the terminal any more. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What is typed. */
  readonly writable: WritableStream<Uint8Array>;
  readonly #libc: PtyLibrary;
  readonly #master: number;
  readonly #screen: ReadStream;
  #isClosed = false;
  /** Nothing more is shown. */
  #isOver = false;

  private constructor(
    libc: PtyLibrary,
    { master, path, screen }: { master: number; path: string; screen: ReadStream },
  ) {
    this.#libc = libc;
    this.#master = master;
    this.path = path;
    this.#screen = screen;
    this.readable = this.#shown();
    this.writable = new WritableStream({
      write: (bytes, { signal }) => this.#type(bytes, signal),
    });
  }

  /** Opens a terminal; throws, saying why, when there is none to be had. */
  static async open(size: TerminalSize): Promise<LocalTerminal> {
    checkSize(size);
    const libc = openLibrary(symbols);
    if (!libc) {
      throw new Error("Cannot open a terminal: that is possible on Linux, with --allow-ffi");
    }
    // What most processes have no need for.
    const { ReadStream } = await import("node:tty");
    const { symbols: c } = libc;
    const master = c.posix_openpt(OPEN_FLAGS);
    const path = master < 0 ? undefined : slavePath(libc, master);
    if (path === undefined) {
      if (master >= 0) c.close(master);
      libc.close();
      throw new Error(`Cannot open a terminal: ${await reason()}`);
    }
    const terminal = new LocalTerminal(libc, { master, path, screen: new ReadStream(master) });
    terminal.resize(size);
    return terminal;
  }

  /** Changes its size, and tells the processes that have it. */
  resize(size: TerminalSize): void {
    checkSize(size);
    if (this.#isClosed) return;
    const { rows, columns } = size;
    this.#libc.symbols.ioctl(this.#master, SET_SIZE, new Uint16Array([rows, columns, 0, 0]));
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // It closes the descriptor.
    this.#screen.destroy();
    this.#libc.close();
  }

  #shown(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const screen = this.#screen;
    return new ReadableStream({
      type: "bytes",
      start: (controller) => {
        screen.on("data", (chunk: Uint8Array) => {
          if (this.#isOver) return;
          controller.enqueue(new Uint8Array(chunk));
          if (controller.desiredSize! <= 0) screen.pause();
        });
        // When no process has it any more, a read fails with EIO: that is its end.
        for (const event of ["end", "error", "close"]) {
          screen.on(event, () => this.#end(controller));
        }
      },
      pull: () => void screen.resume(),
      cancel: () => {
        this.#isOver = true;
        this[Symbol.dispose]();
      },
    }, { highWaterMark: HIGH_WATER_MARK });
  }

  #end(controller: ReadableByteStreamController): void {
    if (this.#isOver) return;
    this.#isOver = true;
    controller.close();
    controller.byobRequest?.respond(0);
  }

  /** The terminal takes what it has room for; the stream of `node:tty` would stall for ever after that. */
  async #type(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    let rest = new Uint8Array(bytes);
    while (rest.length > 0) {
      if (this.#isClosed) throw new Deno.errors.BrokenPipe("Cannot type: the terminal is closed");
      const size = Number(this.#libc.symbols.write(this.#master, rest, BigInt(rest.length)));
      if (size > 0) rest = rest.subarray(size);
      else await delay(WRITE_PAUSE, signal);
    }
  }
}

/** Throws a `RangeError` unless a terminal can be that large. */
function checkSize({ rows, columns }: TerminalSize): void {
  for (const [name, value] of Object.entries({ rows, columns })) {
    if (Number.isInteger(value) && value >= 1 && value <= MAX_TERMINAL_SIZE) continue;
    throw new RangeError(
      `Cannot size a terminal: ${name} must be a whole number from 1 to ${MAX_TERMINAL_SIZE}, not ${value}`,
    );
  }
}

/** The path of the other end; `undefined` where that cannot be had. */
function slavePath({ symbols: c }: PtyLibrary, master: number): string | undefined {
  const name = new Uint8Array(64);
  const results = [c.grantpt(master), c.unlockpt(master), c.ptsname_r(master, name, 64n)];
  if (results.some((result) => result !== 0)) return undefined;
  return new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
}

/** Why there is none: foreign functions do not tell. */
async function reason(): Promise<string> {
  try {
    (await Deno.open("/dev/ptmx", { read: true, write: true })).close();
    return "there is no /dev/pts";
  } catch (error) {
    return (error as Error).message;
  }
}
