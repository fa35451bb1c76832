import type { FeedItem, FollowOptions, OutputFeed } from "../host/host.ts";
import { FeedDecoder } from "../wire/output_record.ts";
import { AgentCall } from "./agent_call.ts";
import type { ClientSession } from "./client_session.ts";

/** Bytes that may come before any was asked for: what a process writes at its start does not wait. */
const FEED_CREDIT = 1024 * 1024;

const END = { done: true, value: undefined } as const;

/** What processes behind an agent write: one channel for all of them. */
export class AgentOutputFeed implements OutputFeed {
  readonly records: ReadableStream<FeedItem>;
  readonly #session: ClientSession;
  readonly #call: AgentCall;
  readonly #decoder = new FeedDecoder();
  /** The caller's number of each process, by its channel. */
  readonly #keys = new Map<number, { readonly key: number; outputs: number }>();
  readonly #items: FeedItem[] = [];
  #isClosed = false;

  constructor(session: ClientSession, { rate }: FollowOptions = {}) {
    this.#session = session;
    const credit = [FEED_CREDIT];
    this.#call = new AgentCall(session, { operation: "follow", args: { rate }, credit });
    const reader = this.#call.channel.incoming(1).readable.getReader();
    this.records = new ReadableStream({
      pull: (controller) => this.#pull(controller, reader),
      cancel: () => void this[Symbol.asyncDispose](),
    }, { highWaterMark: 0 });
  }

  /** Whether it is a feed of this session. */
  isOf(session: ClientSession): boolean {
    return this.#session === session;
  }

  /** From now on, what comes of a channel's process has this key, until so many outputs have ended. */
  add(channel: number, key: number, outputs: number): void {
    if (outputs > 0) this.#keys.set(channel, { key, outputs });
  }

  /** The process of the channel could not be started. */
  remove(channel: number): void {
    this.#keys.delete(channel);
  }

  flush(): void {
    // Without a session nothing comes any more, which the reader of the records hears of.
    this.#call.request({ flush: true }).catch(() => {});
  }

  async attend(key: number, isAttended: boolean): Promise<void> {
    const channel = [...this.#keys].find(([, known]) => known.key === key)?.[0];
    // A channel that is not known belongs to a process whose outputs have all come.
    if (channel === undefined) return;
    // Sent before this returns: what the author has the process do next is brought as asked for here.
    const args = { process: channel, isAttended };
    await new AgentCall(this.#session, { operation: "attend", args }).outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#call.close();
  }

  async #pull(
    controller: ReadableStreamDefaultController<FeedItem>,
    reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    while (this.#items.length === 0) {
      const { done, value } = await reader.read().catch((error) => {
        if (this.#isClosed) return END;
        throw error;
      });
      if (done) return controller.close();
      for (const item of this.#decode(value)) {
        const known = this.#withKey(item);
        if (known) this.#items.push(known);
      }
    }
    controller.enqueue(this.#items.shift()!);
  }

  #decode(chunk: Uint8Array<ArrayBuffer>): FeedItem[] {
    try {
      return this.#decoder.decode(chunk);
    } catch (error) {
      this.#session.fail(`the agent broke the protocol: ${(error as Error).message}`);
      throw error;
    }
  }

  #withKey(item: FeedItem): FeedItem | undefined {
    if (item === "flushed") return item;
    const found = this.#keys.get(item.key);
    if (!found) return undefined;
    if (item.last && --found.outputs === 0) this.#keys.delete(item.key);
    return { ...item, key: found.key };
  }
}
