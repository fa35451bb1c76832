import type { CallOptions } from "./call_options.ts";

/** How a listener is opened. */
export interface ListenOptions extends CallOptions {
  /** Takes why no connection can be accepted for a while: the host is out of descriptors, say. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** Connections from and to the host. */
export interface HostNetwork {
  /** Opens a connection from the host. */
  dial(target: DialTarget, options?: CallOptions): Promise<HostConnection>;
  /** Opens a listener on the host. */
  listen(target: ListenTarget, options?: ListenOptions): Promise<HostListener>;
  /** The host's name, as its operating system has it now. */
  hostname(options?: CallOptions): Promise<string>;
}

/** Where to connect to. Without `hostname`: to the host itself, on its loopback or own address. */
export type DialTarget =
  | { readonly transport: "tcp"; readonly hostname?: string | undefined; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** Where to listen. Port 0 picks a free one. Without `hostname`: where other nodes reach the host. */
export type ListenTarget =
  | DialTarget
  | {
    readonly transport: "tcp";
    readonly port: number;
    /** Where the host alone reaches itself: on its loopback, or its own address. */
    readonly reach: "host";
    readonly hostname?: undefined;
  };

/** Both ends of a connection, as seen by the host. */
export interface HostAddresses {
  /** The end on the host. */
  readonly localAddr: Deno.NetAddr | Deno.UnixAddr;
  /** The other end. */
  readonly remoteAddr: Deno.NetAddr | Deno.UnixAddr;
}

/**
 * A duplex connection. Closing `writable` half-closes it; `readable` may still bring bytes. Disposing
 * of it closes both directions at once, in order as far as the other end sees.
 */
export interface HostConnection extends HostAddresses, AsyncDisposable {
  /**
   * What arrives; ends when the other end closes its direction, and fails with `ConnectionReset` when
   * that end breaks the connection off.
   */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What is sent; closing it half-closes the connection, and aborting it is as {@linkcode reset}. */
  readonly writable: WritableStream<Uint8Array>;
  /**
   * Resolves once both directions have ended and the host has sent all that it was given, or once the
   * connection was closed, broken off, or lost with the host. Never rejects.
   */
  readonly closed: Promise<void>;
  /**
   * Breaks both directions off at once: the other end sees a reset, where its transport knows that.
   * What waits to be sent is dropped. Idempotent.
   */
  reset(reason: unknown): Promise<void>;
}

/** A listener. Iterating it yields connections until it is disposed. */
export interface HostListener extends AsyncIterable<HostConnection>, AsyncDisposable {
  /** Where it listens, with the real port. */
  readonly addr: Deno.NetAddr | Deno.UnixAddr;
}
