const FUNCTIONS = {
  // The pool of the runtime waits in it, not the thread.
  ppoll: {
    parameters: ["buffer", "usize", "buffer", "pointer"],
    result: "i32",
    nonblocking: true,
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

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

  /** Resolves when it can be read, after so many milliseconds, or when it is woken. */
  async wait(milliseconds: number): Promise<void> {
    const nanoseconds = BigInt(Math.max(0, Math.round(milliseconds * 1e6)));
    this.#time[0] = nanoseconds / 1_000_000_000n;
    this.#time[1] = nanoseconds % 1_000_000_000n;
    await this.#library.symbols.ppoll(this.#polled, 2n, this.#time, null);
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
