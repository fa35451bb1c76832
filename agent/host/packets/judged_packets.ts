import type { PacketOptions, PacketRule, PacketShape } from "../host.ts";
import { DuePackets } from "./due_packets.ts";
import { Mark } from "./encode_rule.ts";
import { explained } from "./explained.ts";
import { PacketCopies } from "./packet_copies.ts";
import { type FilterOptions, PacketFilter } from "./packet_filter.ts";
import type { PacketJudge, PacketVerdict } from "./packet_judge.ts";
import { type PacketChange, PacketQueue, type QueueOptions } from "./packet_queue.ts";
import type { RetiredFilters, RetiringFilter } from "./retired_filters.ts";

/** Packets that are read before others are let go on, and other work is done. */
const READ_AT_ONCE = 256;

/** Milliseconds of one wait without a packet. */
const MAX_WAIT = 60_000;

/** How packets are judged. */
export interface JudgingOptions extends QueueOptions, Pick<PacketOptions, "sparedPort"> {
  readonly judge: PacketJudge;
  /** When they are: with others that shape them, or once these have. */
  readonly stage: "shape" | "observe";
  /** Whether some are copied. */
  readonly makesCopies: boolean;
  /** What ends its filters. */
  readonly retired: RetiredFilters;
  /** Called once it is over. */
  readonly onEnd: () => void;
}

/**
 * Packets that the kernel hands to this process, which tells it late what becomes of each. The rules, which
 * belong to sockets of this process, are gone with it; then packets pass.
 */
export class JudgedPackets implements PacketShape {
  readonly lost: Promise<Error>;
  readonly #queue: PacketQueue;
  readonly #filter: PacketFilter;
  readonly #copies: PacketCopies | undefined;
  readonly #due = new DuePackets();
  readonly #options: JudgingOptions;
  readonly #loop: Promise<void>;
  #included: PacketFilter | undefined;
  #isOver = false;

  private constructor(options: JudgingOptions, { queue, filter, copies }: KernelParts) {
    this.#options = options;
    this.#queue = queue;
    this.#filter = filter;
    this.#copies = copies;
    options.retired.beginQueue();
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#loop = this.#run().catch(resolve).finally(() => this.#close());
  }

  /** Begins it. Throws an error that says what is missing where that is not possible; then nothing is done. */
  static open(rules: readonly PacketRule[], options: JudgingOptions): JudgedPackets {
    using parts = new DisposableStack();
    const queue = parts.use(openQueue(options));
    const copies = options.makesCopies ? parts.use(new PacketCopies()) : undefined;
    const filter = parts.use(PacketFilter.open(rules, filterOptions(queue, options)));
    parts.move();
    return new JudgedPackets(options, { queue, filter, copies });
  }

  /** How many packets each of the rules has taken. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async counts(): Promise<number[]> {
    return this.#filter.counts();
  }

  /** Judges what these rules concern as well, and no more what those of an earlier call did. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async include(rules: readonly PacketRule[]): Promise<void> {
    if (this.#isOver) return;
    const { stage } = this.#options;
    const added = rules.length === 0
      ? undefined
      : PacketFilter.open(rules, filterOptions(this.#queue, { stage }));
    if (this.#included) this.#options.retired.retire(this.#included);
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
      const verdict = this.#options.judge.judge(packet, now);
      if (verdict === undefined) this.#queue.judge(packet.id, "drop");
      else if (verdict.due <= now) this.#pass(packet.id, changeOf(verdict));
      else this.#due.add({ id: packet.id, due: verdict.due, change: changeOf(verdict) });
    }
    return true;
  }

  #release(now: number): void {
    while (this.#due.next <= now) {
      const { id, change } = this.#due.take()!;
      this.#pass(id, change);
    }
    this.#queue.flush();
  }

  #pass(id: number, change: PacketChange | undefined): void {
    if (change) this.#queue.change(id, change);
    else this.#queue.judge(id, "accept");
  }

  /** The rules go first: what waits goes on only while what they were in is there. */
  #close(): void {
    this.#isOver = true;
    const { retired, onEnd } = this.#options;
    const filters = [this.#filter, this.#included].filter((each) => each !== undefined);
    for (const filter of filters) filter.clear();
    while (this.#read());
    this.#release(Number.MAX_VALUE);
    const all: (RetiringFilter | undefined)[] = [...filters, this.#copies];
    for (const each of all) if (each) retired.retire(each);
    this.#queue[Symbol.dispose]();
    retired.endQueue();
    onEnd();
  }
}

/** What the kernel keeps for it. */
interface KernelParts {
  readonly queue: PacketQueue;
  readonly filter: PacketFilter;
  readonly copies: PacketCopies | undefined;
}

function filterOptions(
  { number }: PacketQueue,
  { stage, sparedPort }: Pick<JudgingOptions, "stage" | "sparedPort">,
): FilterOptions {
  return { fate: { queue: number }, stage, sparedPort };
}

/** How a packet goes on of which more is said than when. */
function changeOf({ isCopied, replacement }: PacketVerdict): PacketChange | undefined {
  if (!isCopied && !replacement) return undefined;
  return { mark: isCopied ? Mark.toCopy : undefined, replacement };
}

function openQueue(options: QueueOptions): PacketQueue {
  try {
    return new PacketQueue(options);
  } catch (error) {
    throw explained(error, {
      22: 'the kernel has no queues of packets: "modprobe nfnetlink_queue" loads them',
    });
  }
}
