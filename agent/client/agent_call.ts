import type { Channel, ChannelOwner, Outcome } from "../wire/channel.ts";
import type { OpenOptions } from "../wire/channels.ts";
import { decodeError, remoteError } from "../wire/remote_error.ts";
import { anything, optional, record } from "../wire/shape.ts";
import { ProtocolViolation } from "../wire/violation.ts";
import type { ClientSession } from "./client_session.ts";

/** An operation to call. */
export interface CallRequest extends OpenOptions {
  /** Aborting this cancels the operation. */
  readonly signal?: AbortSignal | undefined;
  /** Until when: until the first event or the outcome has come, or the outcome. @default "opened" */
  readonly signalUntil?: "opened" | "outcome" | undefined;
  /** Takes the events that come after the first one. */
  readonly event?: ((value: unknown) => void) | undefined;
  /** Takes the result of an operation that had come to its end before it was cancelled. */
  readonly late?: ((result: unknown) => void) | undefined;
}

const messageShape = record({
  event: optional(anything()),
  reply: optional(anything()),
  error: optional(remoteError),
});

/** An operation under way at the agent: the runner's side of one channel. */
export class AgentCall implements ChannelOwner {
  readonly channel: Channel;
  /** The first event: the operation has begun. Rejects if it cannot, or when it was aborted. */
  readonly opened: Promise<unknown>;
  /** How it ended: the result, or an error. */
  readonly outcome: Promise<unknown>;
  #opened: PromiseWithResolvers<unknown> = Promise.withResolvers();
  #outcome: PromiseWithResolvers<unknown> = Promise.withResolvers();
  #isOpen = false;
  #isCancelled = false;
  #event: CallRequest["event"];
  #late: CallRequest["late"];
  #reply: PromiseWithResolvers<unknown> | undefined;
  /** The latest request; the next one is sent when its reply has come. */
  #latest: Promise<unknown> = Promise.resolve();

  /** @throws the reason of `signal`, or a `HostLostError`. */
  constructor(session: ClientSession, request: CallRequest) {
    const { signal, signalUntil = "opened", event, late, ...open } = request;
    signal?.throwIfAborted();
    this.#event = event;
    this.#late = late;
    this.channel = session.channel(open);
    this.channel.owner = this;
    this.opened = this.#opened.promise;
    this.outcome = this.#outcome.promise;
    // Whoever waits for one of them need not wait for the other.
    this.opened.catch(() => {});
    this.outcome.catch(() => {});
    if (signal) this.#cancelBy(signal, this[signalUntil]);
  }

  /** Asks for something within the operation. Requests are answered one after the other. */
  request(request: unknown): Promise<unknown> {
    const reply = this.#latest.catch(() => {}).then(() => this.#ask(request));
    this.#latest = reply;
    return reply;
  }

  /**
   * Cancels the operation, for the reason that `error` gives; resolves when it has ended over there,
   * or the session has.
   */
  async close(error?: Error): Promise<void> {
    await this.end(error).catch(() => {});
  }

  /** As {@linkcode close}, and rejects when the operation has failed in that. */
  async end(error?: Error): Promise<void> {
    this.channel.close(error && { error });
    await this.outcome;
  }

  /** Takes a MESSAGE of the agent. */
  message(value: unknown): void {
    const message = messageShape(value, "the message");
    if (message.event !== undefined) return this.#takeEvent(message.event);
    const reply = this.#reply;
    if (!reply) throw new ProtocolViolation("a reply to no request");
    this.#reply = undefined;
    if (message.error) reply.reject(decodeError(message.error));
    else reply.resolve(message.reply);
  }

  /** Takes the end of the channel. */
  closed({ result, error }: Outcome): void {
    const failure = error ?? new Deno.errors.UnexpectedEof("The operation ended early");
    if (error) this.#outcome.reject(error);
    else {
      this.#outcome.resolve(result);
      if (this.#isCancelled) this.#late?.(result);
    }
    this.#opened.reject(failure);
    this.#reply?.reject(failure);
    this.channel.close();
  }

  #takeEvent(value: unknown): void {
    if (this.#isOpen) return this.#event?.(value);
    this.#isOpen = true;
    this.#opened.resolve(value);
  }

  async #ask(request: unknown): Promise<unknown> {
    if (this.channel.closed) {
      throw new Deno.errors.BadResource("Cannot ask: the operation has ended");
    }
    this.#reply = Promise.withResolvers();
    this.channel.send({ request });
    return await this.#reply.promise;
  }

  #cancelBy(signal: AbortSignal, until: Promise<unknown>): void {
    const abort = () => {
      this.#isCancelled = true;
      this.#opened.reject(signal.reason);
      this.#outcome.reject(signal.reason);
      this.channel.close();
    };
    signal.addEventListener("abort", abort, { once: true });
    const forget = () => signal.removeEventListener("abort", abort);
    until.then(forget, forget);
  }
}
