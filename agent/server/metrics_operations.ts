import { type HostSample, METRICS_LIMITS } from "../host/host.ts";
import { integer, oneOf, optional, record } from "../wire/shape.ts";
import { type Operation, operation } from "./operation.ts";

/** The request that ends a stream of samples: those that were taken until then are still sent. */
const endShape = record({ end: oneOf(true) });

const sample = operation(record({}), async ({ host, channel }) => {
  return await host.metrics.sample({ signal: channel.signal });
});

const followMetrics = operation(
  record({
    interval: optional(integer(1, METRICS_LIMITS.interval)),
    batch: optional(integer(1, METRICS_LIMITS.batch)),
  }),
  async ({ host, channel }, options) => {
    const over = new AbortController();
    channel.serve((request) => {
      endShape(request, "the request");
      over.abort();
      return Promise.resolve();
    });
    const samples = host.metrics.follow({ ...options, until: over.signal });
    await Promise.race([channel.sendFrom(asLines(samples), 1), channel.closing]);
  },
);

/** Each batch is a line; one is taken when there is credit for it, so nothing piles up. */
function asLines(
  samples: ReadableStream<readonly HostSample[]>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = samples.getReader();
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** What the host uses of its machine. */
export const metricsOperations: Readonly<Record<string, Operation>> = { sample, followMetrics };
