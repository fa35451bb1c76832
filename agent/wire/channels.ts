import { Channel, type ChannelOptions, type Side } from "./channel.ts";
import { decodeJson, encodeJson, type Frame, FrameType } from "./frame.ts";
import { Opening } from "./opening.ts";
import type { Outbox, Outlet } from "./outbox.ts";
import { MAX_CHANNELS, MAX_OPENS, OPERATION_STREAMS } from "./protocol.ts";
import { anything, integer, list, optional, record, type Shaped, text } from "./shape.ts";
import { ProtocolViolation } from "./violation.ts";

const openShape = record({
  operation: text(100),
  args: optional(anything()),
  credit: optional(list(integer(), 2)),
});

/** What an OPEN says. */
export type OpenRequest = Shaped<typeof openShape>;

/** What a runner says when it opens a channel. */
export interface OpenOptions {
  readonly operation: string;
  readonly args: unknown;
  /** Bytes granted to begin with on streams 1 and 2. @default none */
  readonly credit?: readonly number[] | undefined;
}

/** What differs between channels. */
interface AddedChannel extends Pick<ChannelOptions, "id" | "credit" | "recall"> {
  readonly operation: string;
  /** @default the outbox */
  readonly outlet?: Outlet | undefined;
}

/** Refused channels stay until the runner has closed them, too; beyond this it is not answering. */
const MAX_ENTRIES = 2 * MAX_CHANNELS;

/** The channels of a session. */
export class Channels {
  #side: Side;
  #outbox: Outbox;
  #channels: Map<number, Channel> = new Map();
  /** Those whose OPEN may not be sent yet, in the order of their ids. */
  #waiting: Set<Opening> = new Set();
  #lastId = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  #accept: (channel: Channel, request: OpenRequest) => void;

  /** Without `accept` this is the runner's side, which opens channels and accepts none. */
  constructor(outbox: Outbox, accept?: (channel: Channel, request: OpenRequest) => void) {
    this.#side = accept ? "agent" : "runner";
    this.#outbox = outbox;
    outbox.refill = () => this.#openMore();
    this.#accept = accept ?? (() => {
      throw new ProtocolViolation("the agent opened a channel");
    });
  }

  /** Channels that are not finished. */
  get size(): number {
    return this.#channels.size;
  }

  /**
   * Asks the other side for an operation. When as many channels are open as may be, or as many bytes
   * wait to be sent, so does this one. Closing it meanwhile takes it back.
   */
  open({ operation, args, credit = [] }: OpenOptions): Channel {
    const id = this.#lastId + 1;
    const payload = encodeJson({ operation, args, credit });
    const frame = { type: FrameType.open, stream: 0, channel: id, payload };
    if (this.#waiting.size > 0 || !this.#mayOpen) return this.#openLater(frame, operation, credit);
    this.#outbox.post(frame);
    return this.#add({ id, operation, credit });
  }

  /** Takes a frame from the other side. */
  receive(frame: Frame): void {
    if (frame.type === FrameType.open) return this.#receiveOpen(frame);
    const channel = this.#channels.get(frame.channel);
    if (!channel) throw new ProtocolViolation(`channel ${frame.channel} is not open`);
    channel.receive(frame);
  }

  /** Closes every channel from this side; resolves when the other side has closed them, too. */
  async drain(): Promise<void> {
    for (const channel of [...this.#channels.values()]) channel.close();
    if (this.#channels.size === 0) return;
    this.#drained ??= Promise.withResolvers();
    await this.#drained.promise;
  }

  /** The session is over: so is every channel. */
  breakOff(error: Error): void {
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    this.#waiting.clear();
    for (const channel of channels) channel.breakOff(error);
    this.#drained?.resolve();
  }

  #receiveOpen(frame: Frame): void {
    const id = frame.channel;
    if (id <= this.#lastId) throw new ProtocolViolation(`channel ${id} was opened before`);
    if (this.#channels.size >= MAX_ENTRIES) throw new ProtocolViolation("too many channels");
    const request = openShape(decodeJson(frame), "the request");
    const { operation, credit = [] } = request;
    const channel = this.#add({ id, operation, credit });
    if (this.#channels.size <= MAX_CHANNELS) return this.#accept(channel, request);
    channel.close({
      error: new RangeError(`Cannot open a channel: ${MAX_CHANNELS} are open already`),
    });
  }

  get #mayOpen(): boolean {
    const isOpen = this.#channels.size - this.#waiting.size;
    return isOpen < MAX_CHANNELS && this.#outbox.bytes < MAX_OPENS;
  }

  #openLater(frame: Frame, operation: string, credit: readonly number[]): Channel {
    const outlet = new Opening(this.#outbox, frame);
    this.#waiting.add(outlet);
    const recall = () => this.#waiting.delete(outlet);
    return this.#add({ id: frame.channel, operation, credit, outlet, recall });
  }

  #openMore(): void {
    for (const opening of this.#waiting) {
      if (!this.#mayOpen) return;
      this.#waiting.delete(opening);
      opening.send();
    }
  }

  #finish(id: number): void {
    this.#channels.delete(id);
    this.#openMore();
    if (this.#channels.size === 0) this.#drained?.resolve();
  }

  #add({ operation, outlet = this.#outbox, ...options }: AddedChannel): Channel {
    this.#lastId = options.id;
    const channel = new Channel({
      ...options,
      side: this.#side,
      outlet,
      streams: Object.hasOwn(OPERATION_STREAMS, operation) ? OPERATION_STREAMS[operation] ?? 0 : 0,
      finished: () => this.#finish(options.id),
    });
    this.#channels.set(options.id, channel);
    return channel;
  }
}
