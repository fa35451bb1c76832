import { AuthorCall } from "./author_call.ts";
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

/** How a stream is reached. */
export interface StreamAccess {
  readonly life: Lifeline;
  /** How the author has got it. */
  readonly call: AuthorCall;
}

/** The same bytes, on demand; when the node is lost, the reader gets a `NodeLostError`. */
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
      // The loss of a node ends its streams too: that is no end of their content.
      life.check(call);
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** How a writable meets its end. */
export interface WritableAccess extends StreamAccess {
  /** Whether closing succeeds although the other side does not read any more. @default false */
  readonly mayCloseUnread?: boolean | undefined;
}

/** A stream into which the same bytes can be written; its errors say what became of the node. */
export function guardedWritable(
  target: WritableStream<Uint8Array>,
  { life, call, mayCloseUnread = false }: WritableAccess,
): WritableStream<Uint8Array> {
  const writer = target.getWriter();
  const explained = (done: Promise<void>) =>
    done.catch(async (error) => {
      throw await life.explain(error, call);
    });
  return new WritableStream({
    start: ({ signal }) => {
      // A write that waits for its reader keeps `abort` from being called.
      signal.addEventListener("abort", () => void writer.abort(signal.reason).catch(() => {}), {
        once: true,
      });
    },
    write: (chunk) => explained(writer.write(chunk)),
    close: () =>
      explained(
        mayCloseUnread ? writer.close().catch(() => life.check(call)) : writer.close(),
      ),
    abort: (reason) => writer.abort(reason),
  });
}
