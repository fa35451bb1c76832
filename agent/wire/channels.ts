import { Channel, type Side } from "./channel.ts";
import { decodeJson, encodeJson, type Frame, FrameType } from "./frame.ts";
import type { Outbox } from "./outbox.ts";
import { MAX_CHANNELS, OPERATION_STREAMS } from "./protocol.ts";
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

/** Refused channels stay until the runner has closed them, too; beyond this it is not answering. */
const MAX_ENTRIES = 2 * MAX_CHANNELS;

/** The channels of a session. */
export class Channels {
  #side: Side;
  #outbox: Outbox;
  #channels: Map<number, Channel> = new Map();
  #lastId = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  #accept: (channel: Channel, request: OpenRequest) => void;

  /** Without `accept` this is the runner's side, which opens channels and accepts none. */
  constructor(outbox: Outbox, accept?: (channel: Channel, request: OpenRequest) => void) {
    this.#side = accept ? "agent" : "runner";
    this.#outbox = outbox;
    this.#accept = accept ?? (() => {
      throw new ProtocolViolation("the agent opened a channel");
    });
  }

  /** Channels that are not finished. */
  get size(): number {
    return this.#channels.size;
  }

  /** Asks the other side for an operation. */
  open({ operation, args, credit = [] }: OpenOptions): Channel {
    const id = this.#lastId + 1;
    const payload = encodeJson({ operation, args, credit });
    this.#outbox.post({ type: FrameType.open, stream: 0, channel: id, payload });
    return this.#add(id, operation, credit);
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
    for (const channel of channels) channel.breakOff(error);
    this.#drained?.resolve();
  }

  #receiveOpen(frame: Frame): void {
    const id = frame.channel;
    if (id <= this.#lastId) throw new ProtocolViolation(`channel ${id} was opened before`);
    if (this.#channels.size >= MAX_ENTRIES) throw new ProtocolViolation("too many channels");
    const request = openShape(decodeJson(frame), "the request");
    const channel = this.#add(id, request.operation, request.credit ?? []);
    if (this.#channels.size <= MAX_CHANNELS) return this.#accept(channel, request);
    channel.close({
      error: new RangeError(`Cannot open a channel: ${MAX_CHANNELS} are open already`),
    });
  }

  #finish(id: number): void {
    this.#channels.delete(id);
    if (this.#channels.size === 0) this.#drained?.resolve();
  }

  #add(id: number, operation: string, credit: readonly number[]): Channel {
    this.#lastId = id;
    const channel = new Channel({
      id,
      side: this.#side,
      outbox: this.#outbox,
      streams: Object.hasOwn(OPERATION_STREAMS, operation) ? OPERATION_STREAMS[operation] ?? 0 : 0,
      credit,
      finished: () => this.#finish(id),
    });
    this.#channels.set(id, channel);
    return channel;
  }
}
