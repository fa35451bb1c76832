import { ProtocolViolation } from "./violation.ts";

/**
 * The packets that one side has sent and the other has not acknowledged. After a break they are sent
 * again from where the other side says.
 */
export class SentPackets {
  /** The oldest first. Acknowledged ones stay, emptied, until they are half of the array. */
  #packets: Uint8Array<ArrayBuffer>[] = [];
  /** Where in the array the oldest unacknowledged packet is. */
  #head = 0;
  /** Where in the array the next packet to send is. */
  #next = 0;
  #acknowledged = 0;
  #bytes = 0;
  #release: (packet: Uint8Array<ArrayBuffer>) => void;

  /** `release` is called for each packet that was acknowledged. */
  constructor(release: (packet: Uint8Array<ArrayBuffer>) => void) {
    this.#release = release;
  }

  /** Bytes that wait for acknowledgement. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a packet, to be sent after those before it. */
  push(packet: Uint8Array<ArrayBuffer>): void {
    this.#packets.push(packet);
    this.#bytes += packet.length;
  }

  /** The next packet to put on the connection, once. */
  next(): Uint8Array<ArrayBuffer> | undefined {
    return this.#next < this.#packets.length ? this.#packets[this.#next++] : undefined;
  }

  /** A new connection: everything that the other side has not received is to be sent again. */
  rewind(received: number): void {
    this.#settle(received, this.#packets.length);
    this.#next = this.#head;
  }

  /** The other side has received `count` packets in all. */
  acknowledge(count: number): void {
    this.#settle(count, this.#next);
  }

  /** Forgets packets up to `count`; those beyond `sent` in the array cannot have been received. */
  #settle(count: number, sent: number): void {
    const fresh = count - this.#acknowledged;
    if (fresh < 0) throw new ProtocolViolation("acknowledgement went backwards");
    if (this.#head + fresh > sent) throw new ProtocolViolation("acknowledgement of unsent packets");
    for (const packet of this.#packets.slice(this.#head, this.#head + fresh)) {
      this.#bytes -= packet.length;
      this.#release(packet);
    }
    this.#head += fresh;
    this.#acknowledged = count;
    this.#compact();
  }

  #compact(): void {
    if (this.#head * 2 < this.#packets.length) return;
    this.#packets.splice(0, this.#head);
    this.#next = Math.max(0, this.#next - this.#head);
    this.#head = 0;
  }
}
