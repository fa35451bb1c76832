import { FrameType } from "./frame.ts";
import type { Outlet, Source } from "./outbox.ts";
import type { PacketWriter } from "./packet_writer.ts";
import { MAX_DATA } from "./protocol.ts";
import { ProtocolViolation } from "./violation.ts";

/** Where an outgoing stream belongs. */
export interface StreamAddress {
  readonly channel: number;
  readonly stream: number;
}

/** A chunk on its way, and the promise that its writer waits for. */
interface Pending {
  readonly bytes: Uint8Array;
  offset: number;
  readonly sent: PromiseWithResolvers<void>;
}

const EMPTY = new Uint8Array(0);

/** The sending end of a stream. It sends no more than the other side has granted. */
export class OutgoingStream implements Source {
  #outlet: Outlet;
  #address: StreamAddress;
  #granted: number;
  #sent = 0;
  #pending: Pending | undefined;
  #ending: PromiseWithResolvers<void> | undefined;
  /** Why nothing can be sent any more; undefined as long as it can. */
  #broken: { readonly error: Error } | undefined;
  #ended = false;
  /** Waited for by a caller that needs credit; rejects when the stream is broken off. */
  #creditWaiter: PromiseWithResolvers<void> | undefined;
  #stopped: PromiseWithResolvers<Error> = Promise.withResolvers();

  constructor(outlet: Outlet, address: StreamAddress, credit: number) {
    this.#outlet = outlet;
    this.#address = address;
    this.#granted = credit;
  }

  /** Resolves to the reason if the other side wants no more, or the channel ends before the stream. */
  get stopped(): Promise<Error> {
    return this.#stopped.promise;
  }

  /** Resolves when there is credit: when the other side has begun to read. Rejects once stopped. */
  async ready(): Promise<void> {
    this.#check();
    if (this.#granted > this.#sent) return;
    this.#creditWaiter ??= Promise.withResolvers();
    await this.#creditWaiter.promise;
  }

  /**
   * Resolves when the whole chunk was sent or put where it will be sent from; from then on it may
   * change. One call at a time.
   *
   * @throws the error with which the other side, or the channel, stopped the stream.
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    if (bytes.length === 0) return;
    this.#pending = { bytes, offset: 0, sent: Promise.withResolvers() };
    if (this.#granted > this.#sent) this.#outlet.ready(this);
    await this.#pending.sent.promise;
  }

  /** Says that the stream is complete; resolves when that was sent. */
  async end(): Promise<void> {
    if (this.#broken || this.#ended) return;
    this.#ending ??= Promise.withResolvers();
    this.#outlet.ready(this);
    await this.#ending.promise;
  }

  /** As {@linkcode end}, unless a chunk waits to be sent: then it does nothing. */
  async endUnlessPending(): Promise<void> {
    if (!this.#pending) await this.end();
  }

  /** Breaks the stream off; what was not sent is dropped. */
  reset(error: Error, payload: Uint8Array<ArrayBuffer>): void {
    if (this.#broken || this.#ended) return;
    this.#outlet.post({ type: FrameType.reset, ...this.#address, payload });
    this.breakOff(error);
  }

  /** Nothing can be sent any more: what callers wait for is rejected with the reason. */
  breakOff(error: Error): void {
    if (this.#broken || this.#ended) return;
    this.#broken = { error };
    this.#outlet.withdraw(this);
    this.#pending?.sent.reject(error);
    this.#creditWaiter?.reject(error);
    this.#ending?.resolve();
    this.#stopped.resolve(error);
  }

  /** Takes CREDIT from the other side. */
  grant(credit: number): void {
    if (credit <= this.#granted) throw new ProtocolViolation("credit does not grow");
    this.#granted = credit;
    this.#creditWaiter?.resolve();
    this.#creditWaiter = undefined;
    if (this.#pending && !this.#broken) this.#outlet.ready(this);
  }

  /** Writes what it may. */
  fill(packet: PacketWriter, limit: number): boolean {
    const pending = this.#pending;
    if (!pending) return this.#writeEnd(packet);
    const left = pending.bytes.length - pending.offset;
    const length = Math.min(left, limit, packet.room, MAX_DATA, this.#granted - this.#sent);
    if (length <= 0) return false;
    const payload = pending.bytes.subarray(pending.offset, pending.offset + length);
    packet.write({ type: FrameType.data, ...this.#address, payload });
    this.#sent += length;
    pending.offset += length;
    if (length < left) return this.#granted > this.#sent;
    this.#pending = undefined;
    pending.sent.resolve();
    return this.#ending !== undefined;
  }

  #writeEnd(packet: PacketWriter): boolean {
    if (!this.#ending) return false;
    packet.write({ type: FrameType.end, ...this.#address, payload: EMPTY });
    this.#ended = true;
    this.#ending.resolve();
    this.#ending = undefined;
    return false;
  }

  #check(): void {
    if (this.#broken) throw this.#broken.error;
    if (this.#ended || this.#ending) throw new TypeError("Cannot write: the stream has ended");
  }
}
