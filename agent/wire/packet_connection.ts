import { startBackgroundTimer } from "../background_timer.ts";
import { CloseCode, MAX_IN_SOCKET } from "./protocol.ts";
import { MAX_REASON, NO_CODE, type Transport, type TransportEnd } from "./transport.ts";

/** Takes the packets of a connection. */
export interface PacketReceiver {
  packet(bytes: Uint8Array<ArrayBuffer>): void;
  /** There is room in the socket again. */
  drained(): void;
  /** Called once, last. */
  closed(end: TransportEnd): void;
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

/** Milliseconds that the other side has to answer a close. */
const CLOSE_TIMEOUT = 2000;

/** One connection: packets in and out, bounded in what waits in the socket, and watched. */
export class PacketConnection {
  /** Takes what comes from now on. */
  receiver: PacketReceiver;
  /** Resolves when the socket is closed for good. */
  readonly gone: Promise<void>;
  #transport: Transport;
  #inSocket = 0;
  /** What has come since the last look: nothing, bytes, or at least one whole packet. */
  #heard: "nothing" | "bytes" | "packet" = "packet";
  #misses = 0;
  readonly #keepAlive: KeepAlive;
  #watch: Disposable;
  #ended = false;

  /** Takes the transport over, in the turn in which it was made. */
  constructor(
    transport: Transport,
    receiver: PacketReceiver,
    keepAlive: KeepAlive = KEEP_ALIVE,
  ) {
    this.#transport = transport;
    this.receiver = receiver;
    this.#keepAlive = keepAlive;
    this.#watch = this.#lookLater();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    transport.receiver = {
      packet: (bytes) => this.#receive(bytes),
      heard: () => {
        if (this.#heard === "nothing") this.#heard = "bytes";
      },
      violated: (reason) => this.close(CloseCode.violation, reason),
      closed: (end) => {
        this.#end(end);
        resolve();
      },
    };
  }

  /** Whether as much waits in the socket as may. */
  get congested(): boolean {
    return this.#inSocket >= MAX_IN_SOCKET;
  }

  /** Sends a packet, which must not change until `sent` is called: it was sent, or never will be. */
  send(packet: Uint8Array<ArrayBuffer>, sent: () => void = () => {}): void {
    this.#inSocket += packet.length;
    this.#transport.send(packet, (error) => {
      this.#inSocket -= packet.length;
      sent();
      if (!error && !this.#ended) this.receiver.drained();
    });
  }

  /** Closes with a reason; what is in the socket is still sent, if the other side takes it. */
  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#transport.close(code, shorten(reason));
    const timer = setTimeout(() => this.#transport.terminate(), CLOSE_TIMEOUT);
    this.gone.then(() => clearTimeout(timer));
    this.#end({ code, reason });
  }

  /** Drops the connection. */
  terminate(reason: string): void {
    this.#transport.terminate();
    this.#end({ code: NO_CODE, reason });
  }

  #receive(packet: Uint8Array<ArrayBuffer>): void {
    this.#heard = "packet";
    if (!this.#ended) this.receiver.packet(packet);
  }

  /**
   * Misses are counted, not clocked: a side that was itself stopped finds one miss on its return, not
   * many. What counts are bytes, not packets, for over a slow line a packet takes longer than all
   * looks. Its sender hears nothing meanwhile unless it is told that bytes arrive.
   */
  #look(): void {
    const heard = this.#heard;
    this.#heard = "nothing";
    this.#misses = heard === "nothing" ? this.#misses + 1 : 0;
    if (this.#misses >= this.#keepAlive.misses) return this.terminate("the connection stalled");
    this.#watch = this.#lookLater();
    if (heard === "nothing") this.#transport.ping();
    else if (heard === "bytes") this.#transport.pong();
  }

  #lookLater(): Disposable {
    return startBackgroundTimer(this.#keepAlive.interval, () => this.#look());
  }

  #end(end: TransportEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#watch[Symbol.dispose]();
    this.receiver.closed(end);
  }
}

/** A reason as it fits into a close, cut between characters. */
function shorten(reason: string): string {
  const target = new Uint8Array(MAX_REASON);
  const { written } = new TextEncoder().encodeInto(reason, target);
  return new TextDecoder().decode(target.subarray(0, written));
}
