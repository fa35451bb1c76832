import { attribute, encodeMessage, joined, numberAttribute } from "./netlink_message.ts";
import { MessageFlag, NetlinkError, NetlinkSocket } from "./netlink_socket.ts";
import { NETFILTER } from "./nf_tables.ts";
import type { ArrivingPacket, PacketVerdict } from "./packet_judge.ts";
import { QueueWaiting } from "./queue_waiting.ts";

/** Types of messages about queues, all of which have this in their upper byte. */
const SUBSYSTEM = 0x300;
const Message = { packet: 0, verdict: 1, configure: 2 };

/** Attributes of a configuration, and their values. */
const Setting = { command: 1, copying: 2, length: 3, mask: 4, flags: 5 };
const BIND = 1;
const COPY_PACKET = 2;
const KEEP_SEGMENTS = 4;

/** Bytes of each packet that are read: its headers, or all that the kernel hands out. */
const COPIED = { head: 128, whole: 0xffff };

/** Packets that wait in a queue at most: the kernel drops what comes beyond. */
export const MAX_WAITING = 32_768;

/** Numbers that are tried, from a random one on: those of others are taken. */
const NUMBERS = { first: 0x4000, count: 0x8000, tries: 64 };

/** Nobody else can bind a number that is bound. */
const BUSY = 16;

/** Attributes of a packet, and of a verdict. */
const HEADER = 1;
const VERDICT = 2;
const MARK = 3;
const PAYLOAD = 10;
const FULL_LENGTH = 13;

/** Bytes of the heads of a message: that of netlink, and that of netfilter. */
const HEADS = 20;

/** Verdicts that are told at once, and bytes of each. */
const VERDICTS = 64;
const VERDICT_SIZE = 32;
const Verdict = { drop: 0, accept: 1 } as const;

/** Bytes of the longest message. */
const BUFFER_SIZE = 72 * 1024;

/** A packet that waits for its verdict. */
export interface QueuedPacket extends ArrivingPacket {
  /** The kernel's number of it. */
  readonly id: number;
}

/** What is read of packets. */
export interface QueueOptions {
  /** Whether what the kernel has joined to one packet, or not yet cut into several, is one. */
  readonly keepsSegments: boolean;
  /** Whether all bytes of each are read. */
  readonly isWhole: boolean;
}

/**
 * A queue of packets that the kernel holds until it is told what becomes of them. When it is closed, or its
 * process ends, the kernel drops those that wait; rules that bypass a queue which nobody reads let all others
 * pass. Needs NET_ADMIN.
 */
export class PacketQueue implements Disposable {
  /** How rules name it. */
  readonly number: number;
  readonly #socket: NetlinkSocket;
  readonly #waiting: QueueWaiting;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #verdicts = new Uint8Array(VERDICTS * VERDICT_SIZE);
  readonly #verdictView = new DataView(this.#verdicts.buffer);
  #untold = 0;

  /**
   * Opens one that nobody has. Throws a {@linkcode NetlinkError} where that is not possible.
   */
  constructor(options: QueueOptions) {
    this.#socket = new NetlinkSocket(NETFILTER);
    try {
      this.#socket.ignoreOverflow();
      this.number = this.#bind();
      this.#configure(options);
      this.#prepareVerdicts();
      this.#waiting = new QueueWaiting(this.#socket.descriptor);
    } catch (error) {
      this.#socket[Symbol.dispose]();
      throw error;
    }
  }

  /** The next packet that has come, if any. */
  read(): QueuedPacket | undefined {
    for (let size; (size = this.#socket.receiveInto(this.#buffer)) > 0;) {
      // Others are errors of verdicts on packets that are gone.
      if (this.#view.getUint16(4, true) !== (SUBSYSTEM | Message.packet)) continue;
      return this.#decode(size);
    }
    return undefined;
  }

  /** Lets a packet go on, or drops it; at the latest when {@linkcode flush} is called. */
  judge(id: number, verdict: keyof typeof Verdict): void {
    const at = this.#untold * VERDICT_SIZE;
    this.#verdictView.setUint32(at + 24, Verdict[verdict]);
    this.#verdictView.setUint32(at + 28, id);
    if (++this.#untold === VERDICTS) this.flush();
  }

  /** Lets a packet go on, with a mark or with other bytes, behind those that were judged before. */
  change(id: number, { mark, replacement }: PacketChange): void {
    this.flush();
    const verdict = new Uint8Array(8);
    const view = new DataView(verdict.buffer);
    view.setUint32(0, Verdict.accept);
    view.setUint32(4, id);
    const body = [
      headOf(this.number),
      attribute(VERDICT, verdict),
      ...mark === undefined ? [] : [numberAttribute(MARK, mark)],
      ...replacement === undefined ? [] : [attribute(PAYLOAD, replacement)],
    ];
    const type = SUBSYSTEM | Message.verdict;
    this.#socket.send(
      encodeMessage({ type, flags: MessageFlag.request, body: joined(body) }, 0),
    );
  }

  /** Tells the kernel all verdicts. */
  flush(): void {
    if (this.#untold === 0) return;
    this.#socket.send(this.#verdicts.subarray(0, this.#untold * VERDICT_SIZE));
    this.#untold = 0;
  }

  /** Resolves when a packet has come, after so many milliseconds, or when it is woken. */
  async wait(milliseconds: number): Promise<void> {
    await this.#waiting.wait(milliseconds);
  }

  /** Ends the wait that is in progress, or else the next one. */
  wake(): void {
    this.#waiting.wake();
  }

  /** Closes it; not while it is waited for. */
  [Symbol.dispose](): void {
    this.#waiting[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
  }

  #bind(): number {
    const start = Math.floor(Math.random() * NUMBERS.count);
    for (let i = 0;; i++) {
      const number = NUMBERS.first + (start + i) % NUMBERS.count;
      try {
        this.#request(number, [attribute(Setting.command, new Uint8Array([BIND, 0, 0, 0]))]);
        return number;
      } catch (error) {
        const isTaken = error instanceof NetlinkError && error.number === BUSY;
        if (!isTaken || i === NUMBERS.tries) throw error;
      }
    }
  }

  #configure({ keepsSegments, isWhole }: QueueOptions): void {
    const size = isWhole ? COPIED.whole : COPIED.head;
    const copying = new Uint8Array([0, 0, size >> 8, size & 0xff, COPY_PACKET]);
    const settings = [
      attribute(Setting.copying, copying),
      numberAttribute(Setting.length, MAX_WAITING),
      numberAttribute(Setting.mask, KEEP_SEGMENTS),
      numberAttribute(Setting.flags, keepsSegments ? KEEP_SEGMENTS : 0),
    ];
    this.#request(this.number, settings);
  }

  #request(number: number, attributes: readonly Uint8Array[]): void {
    this.#socket.request([{
      type: SUBSYSTEM | Message.configure,
      flags: MessageFlag.request | MessageFlag.acknowledge,
      body: joined([headOf(number), ...attributes]),
    }]);
  }

  #prepareVerdicts(): void {
    for (let at = 0; at < this.#verdicts.length; at += VERDICT_SIZE) {
      const view = new DataView(this.#verdicts.buffer, at);
      view.setUint32(0, VERDICT_SIZE, true);
      view.setUint16(4, SUBSYSTEM | Message.verdict, true);
      view.setUint16(6, MessageFlag.request, true);
      view.setUint16(18, this.number);
      view.setUint16(20, 12, true);
      view.setUint16(22, VERDICT, true);
    }
  }

  /** Written for speed: it is done for each packet. */
  #decode(size: number): QueuedPacket {
    const view = this.#view;
    let [id, start, end, length] = [0, 0, 0, 0];
    for (let at = HEADS; at + 4 <= size;) {
      const attributeLength = view.getUint16(at, true);
      if (attributeLength < 4) break;
      const type = view.getUint16(at + 2, true) & 0x3fff;
      if (type === HEADER) id = view.getUint32(at + 4);
      else if (type === FULL_LENGTH) length = view.getUint32(at + 4);
      else if (type === PAYLOAD) [start, end] = [at + 4, at + attributeLength];
      at += (attributeLength + 3) & ~3;
    }
    return { id, bytes: this.#buffer.subarray(start, end), length: length || end - start };
  }
}

/** How a packet goes on that is not as it was. */
export interface PacketChange extends Pick<PacketVerdict, "replacement"> {
  /** What rules behind the queue know it by. */
  readonly mark?: number | undefined;
}

/** The head of a message's body: no family, version 0, and the queue. */
function headOf(queue: number): Uint8Array {
  return new Uint8Array([0, 0, queue >> 8, queue & 0xff]);
}
