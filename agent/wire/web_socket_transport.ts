import type { Duplex } from "node:stream";
import { NO_OP_RECEIVER, type Transport, type TransportReceiver } from "./transport.ts";
import type { WebSocket } from "./web_socket.ts";

/** Packets as the messages of a WebSocket. */
export class WebSocketTransport implements Transport {
  receiver: TransportReceiver = NO_OP_RECEIVER;
  readonly #socket: WebSocket;

  /**
   * `stream` is what the WebSocket reads from: it tells of the bytes of a message that is not complete.
   */
  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket;
    stream.on("data", () => this.receiver.heard());
    socket.on("message", (data: Uint8Array<ArrayBuffer>, binary: boolean) => {
      if (!binary) return this.receiver.violated("text message");
      this.receiver.packet(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    // An error is always followed by "close", which says what there is to say.
    socket.on("error", () => {});
    socket.on("close", (code: number, reason: Uint8Array) => {
      this.receiver.closed({ code, reason: new TextDecoder().decode(reason) });
    });
  }

  send(packet: Uint8Array<ArrayBuffer>, sent: (error?: unknown) => void): void {
    this.#socket.send(packet, { binary: true }, sent);
  }

  ping(): void {
    this.#socket.ping();
  }

  pong(): void {
    this.#socket.pong();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
