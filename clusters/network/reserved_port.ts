import { CLOSE_ON_EXEC, openLibrary } from "../../agent/host/starter/libc.ts";

/** Constants of Linux's socket interface. */
const [AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR] = [2, 1, 1, 2];

const FUNCTIONS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * A port of 127.0.0.1 that refuses connections, and that the system does not hand out as a free port or as
 * the source of a connection. A socket is bound there that does not listen; the runtime has no call for
 * that. A program that asks for this very port gets it, also before this is disposed of.
 */
export class ReservedPort implements Disposable {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Reserves it; `undefined` where that is not possible: on other systems, or when it is taken. */
  static take(port: number): ReservedPort | undefined {
    if (Deno.build.os !== "linux") return undefined;
    return withLibrary(({ socket, setsockopt, bind }) => {
      const descriptor = socket(AF_INET, SOCK_STREAM | CLOSE_ON_EXEC, 0);
      if (descriptor < 0) return undefined;
      const reserved = new ReservedPort(descriptor);
      const [address, yes] = [loopbackAddress(port), new Uint32Array([1])];
      // Allows to listen at the port before the reservation is given up.
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, yes, yes.byteLength);
      if (bind(descriptor, address, address.length) === 0) return reserved;
      reserved[Symbol.dispose]();
      return undefined;
    });
  }

  /** Gives the port back. To be called once. */
  [Symbol.dispose](): void {
    withLibrary(({ close }) => close(this.#descriptor));
  }
}

/** Opens the C library for one use: if it stayed open, sanitizers would report it as a leak of the test. */
function withLibrary<T>(
  use: (calls: Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"]) => T,
): T | undefined {
  const library = openLibrary(FUNCTIONS);
  try {
    return library && use(library.symbols);
  } finally {
    library?.close();
  }
}

/** 127.0.0.1 and a port, as `sockaddr_in`. */
function loopbackAddress(port: number): Uint8Array<ArrayBuffer> {
  const address = new Uint8Array(16);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_INET;
  new DataView(address.buffer).setUint16(2, port);
  address.set([127, 0, 0, 1], 4);
  return address;
}
