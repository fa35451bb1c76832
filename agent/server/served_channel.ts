import { errorOf } from "../host/described_error.ts";
import { pump, type PumpOptions } from "../host/pump.ts";
import { releaseChunk } from "../host/release_chunk.ts";
import type { Channel, ChannelOutcome, ChannelOwner } from "../wire/channel.ts";
import type { IncomingStream } from "../wire/incoming_stream.ts";
import type { OutgoingStream } from "../wire/outgoing_stream.ts";
import { encodeError } from "../wire/remote_error.ts";
import { anything, record } from "../wire/shape.ts";
import { ProtocolViolation } from "../wire/violation.ts";

const requestShape = record({ request: anything() });

/** Answers a request that a runner makes within an operation. */
export type RequestHandler = (request: unknown) => Promise<unknown>;

/** The agent's side of one channel. */
export class ServedChannel implements ChannelOwner {
  /** Aborts when the runner has closed the channel, or the session is over. */
  readonly signal: AbortSignal;
  /**
   * Resolves when {@linkcode signal} aborts: to an error if the runner gave one, or the session is
   * over.
   */
  readonly closing: Promise<Error | undefined>;
  #channel: Channel;
  #abort = new AbortController();
  #closing: PromiseWithResolvers<Error | undefined> = Promise.withResolvers();
  #handler: RequestHandler | undefined;
  #busy = false;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.signal = this.#abort.signal;
    this.closing = this.#closing.promise;
    channel.owner = this;
  }

  /** Unique in its session. */
  get id(): number {
    return this.#channel.id;
  }

  /** A stream from the runner. */
  incoming(stream: number): IncomingStream {
    return this.#channel.incoming(stream);
  }

  /** A stream to the runner. */
  outgoing(stream: number): OutgoingStream {
    return this.#channel.outgoing(stream);
  }

  /** Sends the runner a message. */
  event(event: unknown): void {
    this.#channel.send({ event });
  }

  /** Answers requests from now on. */
  serve(handler: RequestHandler): void {
    this.#handler = handler;
  }

  /** Ends the channel with what came of the operation. */
  close(outcome: ChannelOutcome): void {
    try {
      this.#channel.close(outcome);
    } catch (error) {
      // The result is too large to be sent, which is an outcome as well.
      this.#channel.close({ error: errorOf(error) });
    }
  }

  /**
   * Sends everything that `source` brings on a stream, then its end. It does not begin to read before
   * the runner does. When the runner stops reading, the source is cancelled; when the source fails, the
   * runner gets the error. The source has to give its chunks away.
   */
  async sendFrom(source: ReadableStream<Uint8Array>, stream: number): Promise<void> {
    const target = this.#channel.outgoing(stream);
    const reader = source.getReader();
    const cancel = (reason: unknown) => reader.cancel(reason).catch(() => {});
    target.stopped.then(cancel);
    try {
      for (let open = true; open;) {
        await target.ready();
        const { done, value } = await reader.read();
        if (value) {
          await target.write(value);
          releaseChunk(value);
        }
        open = !done;
      }
      await target.end();
    } catch (error) {
      this.#channel.reset(stream, error);
      await cancel(error);
    }
  }

  /**
   * Writes everything that comes on a stream to `target`, then closes it. Errors go either way. With
   * `release`, `target` must be done with a chunk once it has been written.
   */
  async receiveInto(
    target: WritableStream<Uint8Array>,
    stream: number,
    { release }: Pick<PumpOptions, "release"> = {},
  ): Promise<void> {
    await pump(this.#channel.incoming(stream).readable, target, { release });
  }

  /** Takes a MESSAGE of the runner. */
  message(value: unknown): void {
    const { request } = requestShape(value, "the message");
    if (this.#busy) throw new ProtocolViolation("a second request before the reply to the first");
    this.#busy = true;
    this.#answer(request);
  }

  /** Takes the runner's CLOSE. */
  closed({ error }: ChannelOutcome): void {
    this.#abort.abort(error ?? new Deno.errors.Interrupted("The runner closed the channel"));
    this.#closing.resolve(error);
  }

  async #answer(request: unknown): Promise<void> {
    let message: unknown;
    try {
      if (!this.#handler) throw new TypeError("Cannot accept the request: none is expected here");
      message = { reply: await this.#handler(request) ?? null };
    } catch (error) {
      message = { error: encodeError(error) };
    }
    this.#busy = false;
    try {
      this.#channel.send(message);
    } catch (error) {
      // The reply is too large to be sent.
      this.#channel.send({ error: encodeError(error) });
    }
  }
}
