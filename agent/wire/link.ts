import { CloseCode, MAX_IN_SOCKET } from "./protocol.ts";
import type { WebSocket } from "./web_socket.ts";

/** How a WebSocket ended. */
export interface LinkEnd {
  /** As in a close frame; 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
}

/** Who gets what a link brings. */
export interface LinkReceiver {
  packet(bytes: Uint8Array<ArrayBuffer>): void;
  /** There is room in the socket again. */
  drained(): void;
  /** Called once, last. */
  closed(end: LinkEnd): void;
}

/** How a stalled connection is noticed. */
export interface KeepAlive {
  /** Milliseconds between looks. @default 5000 */
  readonly interval: number;
  /** Looks in a row that find nothing came, upon which the connection is dropped. @default 3 */
  readonly misses: number;
}

/** What `PROTOCOL.md` says. */
export const KEEP_ALIVE: KeepAlive = { interval: 5000, misses: 3 };

const MAX_REASON = 123;

/** Milliseconds that the other side has to answer a close. */
const CLOSE_TIMEOUT = 2000;

/** One WebSocket: packets in and out, bounded in what waits in the socket, and watched. */
export class Link {
  /** Takes what comes from now on. */
  receiver: LinkReceiver;
  /** Resolves when the socket is closed for good. */
  readonly gone: Promise<void>;
  #socket: WebSocket;
  #inSocket = 0;
  #heard = true;
  #misses = 0;
  #watch: ReturnType<typeof setInterval>;
  #ended = false;

  constructor(socket: WebSocket, receiver: LinkReceiver, keepAlive: KeepAlive = KEEP_ALIVE) {
    this.#socket = socket;
    this.receiver = receiver;
    this.#watch = setInterval(() => this.#look(keepAlive.misses), keepAlive.interval);
    const heard = () => this.#heard = true;
    socket.on("message", (data: Uint8Array<ArrayBuffer>, binary: boolean) => {
      heard();
      this.#receive(data, binary);
    });
    socket.on("ping", heard);
    socket.on("pong", heard);
    // An error is always followed by "close", which says what there is to say.
    socket.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    socket.on("close", (code: number, reason: Uint8Array) => {
      this.#end({ code, reason: new TextDecoder().decode(reason) });
      resolve();
    });
  }

  /** Whether as much waits in the socket as may. */
  get congested(): boolean {
    return this.#inSocket >= MAX_IN_SOCKET;
  }

  /** Sends a packet, which must not change until `sent` is called: it was sent, or never will be. */
  send(packet: Uint8Array<ArrayBuffer>, sent: () => void = () => {}): void {
    this.#inSocket += packet.length;
    this.#socket.send(packet, { binary: true }, (error) => {
      this.#inSocket -= packet.length;
      sent();
      if (!error && !this.#ended) this.receiver.drained();
    });
  }

  /** Closes with a reason; what is in the socket is still sent, if the other side takes it. */
  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#socket.close(code, shorten(reason));
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT);
    this.gone.then(() => clearTimeout(timer));
    this.#end({ code, reason });
  }

  /** Drops the connection. */
  terminate(reason: string): void {
    this.#socket.terminate();
    this.#end({ code: 1006, reason });
  }

  #receive(data: Uint8Array<ArrayBuffer>, binary: boolean): void {
    if (this.#ended) return;
    if (!binary) return this.close(CloseCode.violation, "text message");
    this.receiver.packet(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** Misses are counted, not clocked: whoever was stopped himself finds one, not many. */
  #look(misses: number): void {
    this.#misses = this.#heard ? 0 : this.#misses + 1;
    this.#heard = false;
    if (this.#misses >= misses) return this.terminate("the connection stalled");
    if (this.#misses > 0) this.#socket.ping();
  }

  #end(end: LinkEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#watch);
    this.receiver.closed(end);
  }
}

/** A reason as it fits into a close frame, cut between characters. */
function shorten(reason: string): string {
  const target = new Uint8Array(MAX_REASON);
  const { written } = new TextEncoder().encodeInto(reason, target);
  return new TextDecoder().decode(target.subarray(0, written));
}
