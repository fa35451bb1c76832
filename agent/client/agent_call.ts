import type { Channel, ChannelOutcome, ChannelOwner } from "../wire/channel.ts";
import type { OpenOptions } from "../wire/channels.ts";
import { decodeError, remoteError } from "../wire/remote_error.ts";
import { anything, optional, record } from "../wire/shape.ts";
import type { ClientSession } from "./client_session.ts";
import { RequestQueue } from "./request_queue.ts";

/** An operation to call. */
export interface CallRequest extends OpenOptions {
  /** Aborting this cancels the operation. */
  readonly signal?: AbortSignal | undefined;
  /** Until when `signal` counts: until the operation has begun, or until it has ended. @default "opened" */
  readonly signalUntil?: "opened" | "outcome" | undefined;
  /** Takes the events that come after the first one. */
  readonly onEvent?: ((value: unknown) => void) | undefined;
  /** Takes the result of an operation that came to its end although `signal` had aborted. */
  readonly onLateResult?: ((result: unknown) => void) | undefined;
}

const messageShape = record({
  event: optional(anything()),
  reply: optional(anything()),
  error: optional(remoteError),
});

/**
 * An operation at the agent: the runner's side of one channel. The agent sends events, of which the
 * first one says that the operation has begun, replies to requests, and at last the outcome.
 */
export class AgentCall implements ChannelOwner {
  readonly channel: Channel;
  /** The first event. Rejects when the operation has ended without one, or was cancelled. */
  readonly opened: Promise<unknown>;
  /** The result. Rejects when the operation has failed, or was cancelled. */
  readonly outcome: Promise<unknown>;
  readonly #opening: PromiseWithResolvers<unknown> = Promise.withResolvers();
  readonly #ending: PromiseWithResolvers<unknown> = Promise.withResolvers();
  readonly #requests = new RequestQueue((request) => this.#send(request));
  readonly #onEvent: CallRequest["onEvent"];
  readonly #onLateResult: CallRequest["onLateResult"];
  #hasOpened = false;
  #isCancelled = false;

  /** @throws the reason of `signal`, or a `HostLostError`. */
  constructor(session: ClientSession, request: CallRequest) {
    const { signal, signalUntil = "opened", onEvent, onLateResult, ...open } = request;
    signal?.throwIfAborted();
    this.#onEvent = onEvent;
    this.#onLateResult = onLateResult;
    this.opened = this.#opening.promise;
    this.outcome = this.#ending.promise;
    // Most callers wait for one of them, so the failure of the other has no handler.
    this.opened.catch(() => {});
    this.outcome.catch(() => {});
    this.channel = session.channel(open);
    this.channel.owner = this;
    if (signal) this.#cancelBy(signal, signalUntil === "opened" ? this.opened : this.outcome);
  }

  /** Asks for something within the operation. Requests are answered one after the other. */
  request(request: unknown): Promise<unknown> {
    return this.#requests.add(request);
  }

  /**
   * Ends the operation, for the reason that `error` gives. Resolves when the agent has ended it, or
   * the session is over.
   */
  async close(error?: Error): Promise<void> {
    await this.end(error).catch(() => {});
  }

  /** As {@linkcode close}, and rejects when the operation has failed. */
  async end(error?: Error): Promise<void> {
    this.channel.close(error && { error });
    await this.outcome;
  }

  /** Takes a MESSAGE of the agent. */
  message(value: unknown): void {
    const { event, error, reply } = messageShape(value, "the message");
    if (event !== undefined) this.#takeEvent(event);
    else if (error) this.#requests.reject(decodeError(error));
    else this.#requests.answer(reply);
  }

  /** Takes the end of the channel. */
  closed({ result, error }: ChannelOutcome): void {
    if (error) this.#ending.reject(error);
    else this.#ending.resolve(result);
    if (!error && this.#isCancelled) this.#onLateResult?.(result);
    // These rejections do nothing after the first event, or where no reply is waited for.
    const failure = error ?? new Deno.errors.UnexpectedEof("The operation ended early");
    this.#opening.reject(failure);
    this.#requests.end(failure);
    this.channel.close();
  }

  #takeEvent(value: unknown): void {
    if (this.#hasOpened) return this.#onEvent?.(value);
    this.#hasOpened = true;
    this.#opening.resolve(value);
  }

  #send(request: unknown): void {
    if (this.channel.closed) {
      throw new Deno.errors.BadResource("Cannot ask: the operation has ended");
    }
    this.channel.send({ request });
  }

  #cancelBy(signal: AbortSignal, until: Promise<unknown>): void {
    const cancel = () => this.#cancel(signal.reason);
    signal.addEventListener("abort", cancel, { once: true });
    const forget = () => signal.removeEventListener("abort", cancel);
    until.then(forget, forget);
  }

  /** Rejects at once what callers wait for; the agent's own end of the operation still comes. */
  #cancel(reason: unknown): void {
    this.#isCancelled = true;
    this.#opening.reject(reason);
    this.#ending.reject(reason);
    this.channel.close();
  }
}
