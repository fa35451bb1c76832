import { errorOf } from "../host/described_error.ts";
import {
  decodeCount,
  decodeJson,
  encodeCount,
  encodeJson,
  type Frame,
  FrameType,
} from "./frame.ts";
import { IncomingStream } from "./incoming_stream.ts";
import type { Outlet } from "./outbox.ts";
import { OutgoingStream } from "./outgoing_stream.ts";
import { INITIAL_CREDIT } from "./protocol.ts";
import { decodeError, encodeError, remoteError } from "./remote_error.ts";
import { anything, optional, record } from "./shape.ts";
import { ProtocolViolation } from "./violation.ts";

/** The two sides of a session. */
export type Side = "runner" | "agent";

/** How a channel ended on the other side. */
export interface ChannelOutcome {
  readonly result?: unknown;
  readonly error?: Error | undefined;
}

/** Takes what a channel brings. */
export interface ChannelOwner {
  /** A MESSAGE. */
  message(value: unknown): void;
  /** The other side's CLOSE, or the end of the session, which is an error. Called once. */
  closed(outcome: ChannelOutcome): void;
}

/** What a channel is made of. */
export interface ChannelOptions {
  readonly id: number;
  readonly side: Side;
  readonly outlet: Outlet;
  /** Bit n stands for stream n. */
  readonly streams: number;
  /** What the runner grants to begin with on streams 1 and 2. */
  readonly credit: readonly number[];
  /** Called when both sides have closed. */
  readonly finished: () => void;
  /** Takes the OPEN back if it was not sent yet, and says whether. @default it was sent */
  readonly recall?: (() => boolean) | undefined;
}

const closeShape = optional(record({ result: optional(anything()), error: optional(remoteError) }));

/** One request and all that belongs to it: messages both ways, and up to three streams. */
export class Channel {
  readonly id: number;
  /** Takes what comes. To be set in the turn in which the channel was made. */
  owner: ChannelOwner = { message: () => {}, closed: () => {} };
  #side: Side;
  #outlet: Outlet;
  #incoming: (IncomingStream | undefined)[] = [];
  #outgoing: (OutgoingStream | undefined)[] = [];
  #finished: () => void;
  #recall: () => boolean;
  #closedHere = false;
  #closedThere = false;

  constructor(
    { id, side, outlet, streams, credit, finished, recall = () => false }: ChannelOptions,
  ) {
    this.id = id;
    this.#side = side;
    this.#outlet = outlet;
    this.#finished = finished;
    this.#recall = recall;
    for (const stream of [0, 1, 2].filter((stream) => streams & (1 << stream))) {
      const granted = stream === 0 ? INITIAL_CREDIT : credit[stream - 1] ?? 0;
      if ((stream === 0) === (side === "runner")) {
        this.#outgoing[stream] = new OutgoingStream(outlet, { channel: id, stream }, granted);
      } else this.#incoming[stream] = this.#makeIncoming(stream, granted);
    }
  }

  /** Whether either side has closed. */
  get closed(): boolean {
    return this.#closedHere || this.#closedThere;
  }

  /** A stream that this side receives. The operation must have it. */
  incoming(stream: number): IncomingStream {
    const found = this.#incoming[stream];
    if (!found) throw new TypeError(`channel ${this.id} receives no stream ${stream}`);
    return found;
  }

  /** A stream that this side sends. The operation must have it. */
  outgoing(stream: number): OutgoingStream {
    const found = this.#outgoing[stream];
    if (!found) throw new TypeError(`channel ${this.id} sends no stream ${stream}`);
    return found;
  }

  /** Sends a MESSAGE; nothing any more once this side has closed. */
  send(value: unknown): void {
    this.#post(FrameType.message, 0, encodeJson(value));
  }

  /** Breaks a stream that this side sends off. */
  reset(stream: number, reason: unknown): void {
    this.outgoing(stream).reset(errorOf(reason), encodeJson(encodeError(reason)));
  }

  /** Ends this side's part. What was not sent or read until now never will be. Idempotent. */
  close(outcome?: ChannelOutcome): void {
    if (this.#closedHere) return;
    const error = outcome?.error ?? new Deno.errors.Interrupted("the channel was closed");
    if (this.#recall()) {
      this.breakOff(error);
      return this.#finished();
    }
    for (const stream of this.#outgoing) stream?.breakOff(error);
    if (!this.#closedThere) { for (const stream of this.#incoming) stream?.abandon(error); }
    this.#post(FrameType.close, 0, encodeJson(outcome && encodeOutcome(outcome)));
    this.#closedHere = true;
    this.#finishIfClosed();
  }

  /** Takes a frame from the other side. */
  receive(frame: Frame): void {
    if (this.#closedThere) throw new ProtocolViolation(`frame on closed channel ${this.id}`);
    switch (frame.type) {
      case FrameType.data:
        return this.#receiving(frame).data(frame.payload);
      case FrameType.end:
        return this.#receiving(frame).finish();
      case FrameType.credit:
        return this.#sending(frame).grant(decodeCount(frame));
      case FrameType.reset:
        return this.#receiveReset(frame);
      case FrameType.message:
        return this.owner.message(decodeJson(frame));
      case FrameType.close:
        return this.#receiveClose(frame);
      default:
        throw new ProtocolViolation(`frame of type ${frame.type} on a channel`);
    }
  }

  /** The session is over. */
  breakOff(error: Error): void {
    this.#closedHere = true;
    if (!this.#closedThere) this.#end({ error });
  }

  #makeIncoming(stream: number, credit: number): IncomingStream {
    const post = (type: FrameType, payload: Uint8Array<ArrayBuffer>) =>
      this.#post(type, stream, payload);
    return new IncomingStream(credit, {
      grant: (credit) => post(FrameType.credit, encodeCount(credit)),
      stop: (reason) => post(FrameType.reset, encodeJson(encodeError(reason))),
    });
  }

  #post(type: FrameType, stream: number, payload: Uint8Array<ArrayBuffer>): void {
    if (this.#closedHere) return;
    this.#outlet.post({ type, stream, channel: this.id, payload });
  }

  #receiving({ stream, type }: Frame): IncomingStream {
    return this.#incoming[stream] ?? misplaced(type, stream, this.id);
  }

  #sending({ stream, type }: Frame): OutgoingStream {
    return this.#outgoing[stream] ?? misplaced(type, stream, this.id);
  }

  #receiveReset(frame: Frame): void {
    const reason = decodeJson(frame);
    const error = reason === undefined
      ? new Deno.errors.BrokenPipe("the other side stopped reading")
      : decodeError(remoteError(reason, "the error"));
    const incoming = this.#incoming[frame.stream];
    if (incoming) incoming.finish(error);
    else this.#sending(frame).breakOff(error);
  }

  #receiveClose(frame: Frame): void {
    const value = decodeJson(frame);
    const { result, error } = closeShape(value, "the outcome") ?? {};
    this.#end({ result, error: error && decodeError(error) });
    this.#finishIfClosed();
  }

  #end(outcome: ChannelOutcome): void {
    this.#closedThere = true;
    const error = outcome.error ?? new Deno.errors.Interrupted(`the ${this.#otherSide} closed it`);
    for (const stream of this.#outgoing) stream?.breakOff(error);
    for (const stream of this.#incoming) stream?.breakOff(error);
    this.owner.closed(outcome);
  }

  get #otherSide(): Side {
    return this.#side === "runner" ? "agent" : "runner";
  }

  #finishIfClosed(): void {
    if (this.#closedHere && this.#closedThere) this.#finished();
  }
}

function encodeOutcome({ result, error }: ChannelOutcome): unknown {
  return error ? { error: encodeError(error) } : { result };
}

function misplaced(type: FrameType, stream: number, channel: number): never {
  throw new ProtocolViolation(`frame of type ${type} for stream ${stream} of channel ${channel}`);
}
