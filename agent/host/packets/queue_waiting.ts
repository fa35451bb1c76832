const PPOLL = {
  name: "ppoll",
  parameters: ["buffer", "usize", "buffer", "pointer"],
  result: "i32",
} as const;

const FUNCTIONS = {
  // The pool of the runtime waits in it, not the thread.
  waitInPool: { ...PPOLL, nonblocking: true },
  wait: PPOLL,
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/** Milliseconds for which nothing else has to be done in this process. */
const SHORT = 1;

/** Numbers of the kernel's interface. */
const POLLIN = 1;
const EFD_CLOEXEC_NONBLOCK = 0o2004000;

/**
 * Waits until a descriptor can be read, to a tenth of a millisecond: the timers of the runtime know whole
 * ones alone.
 */
export class QueueWaiting implements Disposable {
  readonly #library = Deno.dlopen("libc.so.6", FUNCTIONS);
  readonly #wakening: number;
  /** Two `pollfd`s: the descriptor, and what wakes. */
  readonly #polled: Uint8Array<ArrayBuffer>;
  readonly #time = new BigInt64Array(2);
  readonly #one = new Uint8Array(new BigUint64Array([1n]).buffer);

  constructor(descriptor: number) {
    this.#wakening = this.#library.symbols.eventfd(0, EFD_CLOEXEC_NONBLOCK);
    this.#polled = new Uint8Array(
      new Int32Array([descriptor, POLLIN, this.#wakening, POLLIN]).buffer,
    );
  }

  /**
   * Resolves when it can be read, after so many milliseconds, or when it is woken. The thread itself waits if
   * that is short, and then lets others have their turn: what is handed to another thread and back waits
   * twice for a processor, which on a busy machine takes milliseconds.
   */
  async wait(milliseconds: number): Promise<void> {
    const nanoseconds = BigInt(Math.max(0, Math.round(milliseconds * 1e6)));
    this.#time[0] = nanoseconds / 1_000_000_000n;
    this.#time[1] = nanoseconds % 1_000_000_000n;
    const { wait, waitInPool } = this.#library.symbols;
    if (milliseconds > SHORT) await waitInPool(this.#polled, 2n, this.#time, null);
    else {
      wait(this.#polled, 2n, this.#time, null);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#library.symbols.read(this.#wakening, new Uint8Array(8), 8n);
  }

  /** Ends the wait that is in progress, or else the next one. */
  wake(): void {
    this.#library.symbols.write(this.#wakening, this.#one, 8n);
  }

  /** Closes it; not while it is waited for. */
  [Symbol.dispose](): void {
    this.#library.symbols.close(this.#wakening);
    this.#library.close();
  }
}
