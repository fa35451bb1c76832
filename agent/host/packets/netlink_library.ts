const FUNCTIONS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

type LoadedFunctions = Deno.DynamicLibrary<typeof FUNCTIONS>;

/** What is loaded, and by how many it is used. */
let shared: { readonly library: LoadedFunctions; users: number } | undefined;

/**
 * The functions of the C library for sockets of netlink, until it is disposed of. To load them takes 3 ms, so
 * all that use them at a time have the same.
 */
export class NetlinkLibrary implements Disposable {
  /** The functions. */
  readonly symbols: LoadedFunctions["symbols"];
  #isOver = false;

  /** Throws where there is no such library. */
  constructor() {
    shared ??= { library: Deno.dlopen("libc.so.6", FUNCTIONS), users: 0 };
    shared.users += 1;
    this.symbols = shared.library.symbols;
  }

  /** Nothing may be called by it any more. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#isOver || !shared) return;
    this.#isOver = true;
    shared.users -= 1;
    if (shared.users > 0) return;
    shared.library.close();
    shared = undefined;
  }
}
