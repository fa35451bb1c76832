import { CLOSE_ON_EXEC, openLibrary } from "../../agent/host/starter/libc.ts";

/** Numbers of Linux. */
const [AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR] = [2, 1, 1, 2];

const FUNCTIONS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * A port of 127.0.0.1 at which nobody listens, and which the system gives to nobody who asks for a free
 * one or connects from one: a socket is bound there that does not listen, which the runtime has no call
 * for. Who asks for this very port gets it, and may do so before this is disposed of.
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
      // So that who has reserved it can listen there before it is given back.
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, yes, yes.byteLength);
      if (bind(descriptor, address, address.length) === 0) return reserved;
      reserved[Symbol.dispose]();
      return undefined;
    });
  }

  /** Gives it back. To be called once. */
  [Symbol.dispose](): void {
    withLibrary(({ close }) => close(this.#descriptor));
  }
}

/** Opened for each use: sanitizers hold a test responsible for a library that stays open. */
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
