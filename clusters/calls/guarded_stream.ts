import { AuthorCall } from "./author_call.ts";
import { checkChunk } from "./check_bytes.ts";
import type { Lifeline } from "./lifeline.ts";

/** A stream of bytes from a node, with the conveniences that streams of a `Deno.ChildProcess` have. */
export class NodeReadableStream extends ReadableStream<Uint8Array<ArrayBuffer>> {
  /** Reads the rest as bytes; some of it may have been read before. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#rest(this.bytes));
  }

  /** As {@linkcode NodeReadableStream.bytes}. */
  async arrayBuffer(): Promise<ArrayBuffer> {
    return await this.#rest(this.arrayBuffer);
  }

  /** Reads the rest as text. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.#rest(this.text));
  }

  /** Reads the rest as JSON. */
  async json(): Promise<unknown> {
    return JSON.parse(new TextDecoder().decode(await this.#rest(this.json)));
  }

  #rest(member: () => Promise<unknown>): Promise<ArrayBuffer> {
    // Not by a `Response`: that takes no stream of which something was read.
    const read = async () => await new Blob(await Array.fromAsync(this)).arrayBuffer();
    return new AuthorCall(member).during(read);
  }
}

/** The uptime in which a stream was opened, and the call that opened it. */
export interface StreamAccess {
  readonly life: Lifeline;
  /** The call by which the author got the stream. */
  readonly call: AuthorCall;
}

/** A stream of the same bytes, whose reader gets a `NodeLostError` when the node is lost. */
export function guardedReadable(
  source: ReadableStream<Uint8Array<ArrayBuffer>>,
  { life, call }: StreamAccess,
): NodeReadableStream {
  const reader = source.getReader();
  return new NodeReadableStream({
    async pull(controller) {
      const chunk = await reader.read().catch(async (error) => {
        throw await life.explain(error, call);
      });
      if (!chunk.done) return controller.enqueue(chunk.value);
      // Streams also end when their node is lost: then content may be missing.
      life.check(call);
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** How a stream to a node is opened and closed. */
export interface WritableAccess extends StreamAccess {
  /** Whether closing succeeds although the other side does not read any more. @default false */
  readonly mayCloseUnread?: boolean | undefined;
}

/** A stream into the same target, whose errors say what happened to the node. */
export function guardedWritable(
  target: WritableStream<Uint8Array>,
  { life, call, mayCloseUnread = false }: WritableAccess,
): WritableStream<Uint8Array> {
  const writer = target.getWriter();
  const explained = (done: Promise<void>) =>
    done.catch(async (error) => {
      throw await life.explain(error, call);
    });
  // Hosts do not agree on what to make of text, say, and on whether the stream goes on.
  const refuse = (chunk: unknown) =>
    Promise.try(checkChunk, chunk).finally(() => void writer.abort().catch(() => {}));
  return new WritableStream({
    start: ({ signal }) => {
      // `abort` is not called while a write is pending, which may wait for its reader for ever.
      signal.addEventListener("abort", () => void writer.abort(signal.reason).catch(() => {}), {
        once: true,
      });
    },
    write: (chunk) => explained(chunk instanceof Uint8Array ? writer.write(chunk) : refuse(chunk)),
    close: () =>
      explained(
        mayCloseUnread ? writer.close().catch(() => life.check(call)) : writer.close(),
      ),
    abort: (reason) => writer.abort(reason),
  });
}
