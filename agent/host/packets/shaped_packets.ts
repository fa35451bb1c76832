import type { PacketOptions, PacketRule, PacketShape, PacketShaping } from "../host.ts";
import { DuePackets } from "./due_packets.ts";
import { PacketFilter } from "./packet_filter.ts";
import { PacketQueue } from "./packet_queue.ts";
import { PacketShaper } from "./packet_shaper.ts";
import type { RetiredFilters } from "./retired_filters.ts";
import { explained } from "./explained.ts";

/** Packets that are read before others are let go on, and other work is done. */
const READ_AT_ONCE = 256;

/** Milliseconds of one wait without a packet. */
const MAX_WAIT = 60_000;

/**
 * Packets that the kernel hands to this process, which tells it late what becomes of each. The rules, which
 * belong to sockets of this process, are gone with it; then packets pass.
 */
export class ShapedPackets implements PacketShape {
  readonly lost: Promise<Error>;
  readonly #queue: PacketQueue;
  readonly #filter: PacketFilter;
  readonly #shaper: PacketShaper;
  readonly #due = new DuePackets();
  readonly #retired: RetiredFilters;
  readonly #onEnd: () => void;
  readonly #loop: Promise<void>;
  #included: PacketFilter | undefined;
  #isOver = false;

  private constructor({ queue, filter, shaper, retired, onEnd }: Parts) {
    this.#queue = queue;
    this.#filter = filter;
    this.#shaper = shaper;
    this.#onEnd = onEnd;
    this.#retired = retired;
    retired.beginQueue();
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#loop = this.#run().catch(resolve).finally(() => this.#close());
  }

  /** Begins it. Throws an error that says what is missing where that is not possible; then nothing is done. */
  static open(
    rules: readonly PacketRule[],
    shaping: PacketShaping,
    { sparedPort, retired, onEnd }: Pick<Parts, "retired" | "onEnd"> & SparedPort,
  ): ShapedPackets {
    const shaper = new PacketShaper(rules, shaping);
    const { loss = 0, bandwidth } = shaping;
    // What the kernel takes for one packet is many to a network: they are lost, and take time, one by one.
    const queue = openQueue(loss === 0 && bandwidth === undefined);
    try {
      const filter = PacketFilter.open(rules, { fate: { queue: queue.number }, sparedPort });
      return new ShapedPackets({ queue, filter, shaper, retired, onEnd });
    } catch (error) {
      queue[Symbol.dispose]();
      throw error;
    }
  }

  /** How many packets each of the rules has taken. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async counts(): Promise<number[]> {
    return this.#filter.counts();
  }

  /** Shapes what these rules concern as well, and no more what those of an earlier call did. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async include(rules: readonly PacketRule[]): Promise<void> {
    if (this.#isOver) return;
    const added = rules.length === 0
      ? undefined
      : PacketFilter.open(rules, { fate: { queue: this.#queue.number } });
    if (this.#included) this.#retired.retire(this.#included);
    this.#included = added;
  }

  /** Lets all packets pass, and those that wait at once. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#queue.wake();
    }
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const isMore = this.#read();
      this.#queue.flush();
      const wait = isMore ? 0 : this.#due.next - performance.now();
      await this.#queue.wait(Math.min(Math.max(wait, 0), MAX_WAIT));
      this.#release(performance.now());
    }
  }

  /** Reads what has come; whether there may be more. */
  #read(): boolean {
    for (let i = 0; i < READ_AT_ONCE; i++) {
      const packet = this.#queue.read();
      if (packet === undefined) return false;
      const now = performance.now();
      const due = this.#shaper.decide(packet, now);
      if (due === undefined) this.#queue.judge(packet.id, "drop");
      else if (due <= now) this.#queue.judge(packet.id, "accept");
      else this.#due.add(packet.id, due);
    }
    return true;
  }

  #release(now: number): void {
    while (this.#due.next <= now) this.#queue.judge(this.#due.take()!, "accept");
    this.#queue.flush();
  }

  /** The rules go first: what waits goes on only while what they were in is there. */
  #close(): void {
    this.#isOver = true;
    const filters = [this.#filter, this.#included].filter((each) => each !== undefined);
    for (const filter of filters) filter.clear();
    for (let packet; (packet = this.#queue.read()) !== undefined;) {
      this.#queue.judge(packet.id, "accept");
    }
    this.#release(Number.MAX_VALUE);
    for (const filter of filters) this.#retired.retire(filter);
    this.#queue[Symbol.dispose]();
    this.#retired.endQueue();
    this.#onEnd();
  }
}

type SparedPort = Pick<PacketOptions, "sparedPort">;

/** What it consists of. */
interface Parts {
  readonly queue: PacketQueue;
  readonly filter: PacketFilter;
  readonly shaper: PacketShaper;
  /** What ends its filters. */
  readonly retired: RetiredFilters;
  readonly onEnd: () => void;
}

function openQueue(keepSegments: boolean): PacketQueue {
  try {
    return new PacketQueue({ keepSegments });
  } catch (error) {
    throw explained(error, {
      22: 'the kernel has no queues of packets: "modprobe nfnetlink_queue" loads them',
    });
  }
}
