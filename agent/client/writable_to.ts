import type { Channel } from "../wire/channel.ts";

/** What a writable does when it ends. */
export interface WritableEnds {
  /** Awaited by `close()` and `abort()`: what the other side makes of it. @default nothing */
  readonly finished?: (() => Promise<unknown>) | undefined;
  /** Called when it is aborted. @default the stream is reset */
  readonly broken?: ((reason: unknown) => void) | undefined;
}

/**
 * Stream 0 of a channel as a `WritableStream`. A write resolves when its chunk may change. When the
 * other side wants no more, the stream fails with its reason.
 */
export function writableTo(
  channel: Channel,
  {
    finished = () => Promise.resolve(),
    broken = (reason) => channel.reset(0, reason),
  }: WritableEnds = {},
): WritableStream<Uint8Array> {
  const stream = channel.outgoing(0);
  return new WritableStream({
    start: (controller) => {
      const { signal } = controller;
      // `abort` below is called only after a write, which may wait for credit that never comes.
      signal.addEventListener("abort", () => broken(signal.reason), { once: true });
      stream.stopped.then((error) => controller.error(error));
    },
    write: (chunk) => {
      if (chunk instanceof Uint8Array) return stream.write(chunk);
      throw new TypeError("Cannot write: a chunk is not a Uint8Array");
    },
    close: async () => {
      await stream.end();
      await finished();
    },
    abort: async () => {
      // The caller knows already that this has failed.
      await finished().catch(() => {});
    },
  });
}
