import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { DelayLine } from "./delay_line.ts";
import { LinkGate } from "./link_gate.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const { signal } = new AbortController();

/** A gate that shapes all to these. */
function gateOf(shaping: { latency?: number; jitter?: number; bandwidth?: number }): LinkGate {
  const gate = new LinkGate();
  gate.shape({}, { ...shaping, seed: 1 });
  return gate;
}

function lineOf(source: ReadableStream<Bytes>, gate: LinkGate): ReadableStream<Bytes> {
  return new DelayLine(source, { gate, port: 80, signal }).readable;
}

for (const shaping of [{}, { latency: 20, jitter: 20 }, { bandwidth: 1_000_000 }]) {
  Deno.test(`DelayLine keeps order, and ends behind all: ${JSON.stringify(shaping)}`, async () => {
    const chunks = Array.from({ length: 8 }, (_, i) => new Uint8Array(1_000).fill(i));
    const line = lineOf(ReadableStream.from(chunks.map((each) => each.slice())), gateOf(shaping));
    const received = new Uint8Array(await new Response(line).arrayBuffer());
    deepStrictEqual(received, new Uint8Array(chunks.flatMap((each) => [...each])));
  });
}

Deno.test("DelayLine fails as its source does, behind what came before", async () => {
  const error = new Error("reset");
  const source = new ReadableStream<Bytes>({
    start(controller) {
      controller.enqueue(new Uint8Array(3));
    },
    pull: (controller) => controller.error(error),
  }, { highWaterMark: 0 });
  const reader = lineOf(source, gateOf({ latency: 10 })).getReader();
  strictEqual((await reader.read()).value?.length, 3);
  await rejects(reader.read(), (seen) => seen === error);
});

Deno.test("DelayLine takes no more of a sender than waits for a second", async () => {
  let sent = 0;
  const source = new ReadableStream<Bytes>({
    pull(controller) {
      sent += 4_000;
      controller.enqueue(new Uint8Array(4_000));
    },
  }, { highWaterMark: 0 });
  // 10,000 bytes per second, in pieces of 200.
  const line = lineOf(source, gateOf({ bandwidth: 80_000 }));
  const reader = line.getReader();
  for (let i = 0; i < 3; i++) strictEqual((await reader.read()).value?.length, 200);
  ok(sent >= 8_000 && sent <= 16_000, `${sent}`);
  const reason = new Error("enough");
  await reader.cancel(reason);
});

Deno.test("DelayLine lets what waits pass when a shape is over, or its connection", async () => {
  const gate = new LinkGate();
  const shape = gate.shape({}, { latency: 60_000, seed: 1 });
  const first = lineOf(ReadableStream.from([new Uint8Array(1)]), gate).getReader();
  const waiting = first.read();
  shape[Symbol.dispose]();
  strictEqual((await waiting).value?.length, 1);

  using _again = gate.shape({}, { latency: 60_000, seed: 1 });
  const controller = new AbortController();
  const source = ReadableStream.from([new Uint8Array(1)]);
  const options = { gate, port: 80, signal: controller.signal };
  const second = new DelayLine(source, options).readable.getReader();
  const ended = second.read();
  controller.abort();
  strictEqual((await ended).value?.length, 1);
});

Deno.test("DelayLine gives up its source when nobody reads it any more", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const source = new ReadableStream<Bytes>({ cancel: resolve }, { highWaterMark: 0 });
  const reason = new Error("enough");
  await lineOf(source, gateOf({})).cancel(reason);
  strictEqual(await promise, reason);
});
