import { ProtocolViolation } from "../wire/violation.ts";

/** Requests within an operation: each is sent when the reply to the one before it has come. */
export class RequestQueue {
  readonly #send: (request: unknown) => void;
  /** Settles when the latest request is answered. */
  #latest: Promise<unknown> = Promise.resolve();
  /** What the request that was sent waits for. */
  #reply: PromiseWithResolvers<unknown> | undefined;

  /** `send` throws if the operation has ended. */
  constructor(send: (request: unknown) => void) {
    this.#send = send;
  }

  /** Resolves to the reply. */
  add(request: unknown): Promise<unknown> {
    const reply = this.#latest.catch(() => {}).then(() => this.#ask(request));
    this.#latest = reply;
    return reply;
  }

  /** Takes the reply to the request that was sent. */
  answer(reply: unknown): void {
    this.#take().resolve(reply);
  }

  /** Takes an error in place of a reply. */
  reject(error: Error): void {
    this.#take().reject(error);
  }

  /** The operation has ended: no reply comes any more. */
  end(reason: Error): void {
    this.#reply?.reject(reason);
    this.#reply = undefined;
  }

  async #ask(request: unknown): Promise<unknown> {
    this.#send(request);
    this.#reply = Promise.withResolvers();
    return await this.#reply.promise;
  }

  #take(): PromiseWithResolvers<unknown> {
    const reply = this.#reply;
    if (!reply) throw new ProtocolViolation("a reply to no request");
    this.#reply = undefined;
    return reply;
  }
}
