import type { Socket } from "node:dgram";
import type { ProbeReceiver } from "../host.ts";
import { QUESTION } from "./probe_question.ts";
import { boundSocket } from "./udp_socket.ts";

/** Marks that are told apart: what others send here is not to fill the memory. */
const MAX_MARKS = 10_000;

/** Characters of the longest mark. */
const MAX_MARK = 64;

/** Counts the datagrams that reach this machine, over both families of addresses. */
export class UdpReceiver implements ProbeReceiver {
  readonly port: number;
  readonly #sockets: readonly Socket[];
  readonly #counts = new Map<string, number>();
  readonly #onClosed: () => void;
  #isClosed = false;

  private constructor(sockets: readonly Socket[], onClosed: () => void) {
    this.#sockets = sockets;
    this.#onClosed = onClosed;
    this.port = sockets[0]!.address().port;
    for (const socket of sockets) {
      socket.on("message", (message, { address, port }) => {
        const content = message.subarray(0, MAX_MARK).toString().trimEnd();
        if (!content.startsWith(QUESTION)) return this.#count(content);
        socket.send(content.slice(QUESTION.length), port, address);
      });
    }
  }

  /** Listens at all addresses. */
  static async open(onClosed: () => void): Promise<UdpReceiver> {
    const first = await boundSocket("udp4", 0);
    const { port } = first.address();
    // A machine may have no IPv6.
    const second = await boundSocket("udp6", port).catch(() => undefined);
    return new UdpReceiver(second ? [first, second] : [first], onClosed);
  }

  /** How many have come that have this mark. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async received(mark: string): Promise<number> {
    return this.#counts.get(mark) ?? 0;
  }

  /** Closes it. Idempotent. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.close();
    this.#onClosed();
  }

  #count(mark: string): void {
    const known = this.#counts.get(mark);
    if (known === undefined && this.#counts.size >= MAX_MARKS) return;
    this.#counts.set(mark, (known ?? 0) + 1);
  }
}
