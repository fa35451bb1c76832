import assert from "node:assert/strict";
import { Channels } from "./channels.ts";
import { decodePacket, encodeJson, type Frame, FrameType } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { PacketWriter } from "./packet_writer.ts";
import { MAX_BACKLOG, MAX_CHANNELS, MAX_OPENS } from "./protocol.ts";

/** What a large request has besides its text. */
const OVERHEAD = 100;

Deno.test("Channels opens no more than may be, and the next as soon as one is finished", () => {
  const { channels, sent } = makeRunner();
  const opened = Array.from({ length: MAX_CHANNELS + 2 }, () => open(channels, "stat"));
  assert.deepEqual(sent().map(({ channel }) => channel), numbers(MAX_CHANNELS));
  channels.receive(closeOf(7));
  assert.deepEqual(sent(), []);
  // The agent counts it until then.
  opened[6]!.close();
  const { open: opens, close } = FrameType;
  assert.deepEqual(
    sent().map(({ type, channel }) => [type, channel]),
    [[close, 7], [opens, MAX_CHANNELS + 1]],
  );
});

Deno.test("Channels never puts more bytes of requests into the outbox than are sent soon", () => {
  const { channels, outbox, sent } = makeRunner();
  const text = "x".repeat(100_000);
  const count = Math.ceil(MAX_BACKLOG / text.length) + 1;
  for (let index = 0; index < count; index++) channels.open({ operation: "stat", args: { text } });
  assert.ok(outbox.bytes < MAX_OPENS + text.length + OVERHEAD, `${outbox.bytes} bytes wait`);
  assert.deepEqual(sent().map(({ channel }) => channel), numbers(count));
});

Deno.test("Channels opens none while DATA is held back, if others wait already", () => {
  const { channels, sent } = makeRunner();
  const text = "x".repeat(MAX_OPENS);
  for (let index = 0; index < 3; index++) channels.open({ operation: "stat", args: { text } });
  assert.deepEqual(sent({ data: false }).map(({ channel }) => channel), [1]);
  assert.deepEqual(sent({ data: true }).map(({ channel }) => channel), [2, 3]);
});

Deno.test("a channel that waits sends nothing before its OPEN", async () => {
  const { channels, sent } = makeRunner();
  channels.open({ operation: "stat", args: { text: "x".repeat(MAX_OPENS) } });
  const waiting = open(channels, "write");
  waiting.send({ request: "something" });
  const written = waiting.outgoing(0).write(new Uint8Array(10));
  assert.deepEqual(sent({ data: false }).map(({ channel }) => channel), [1]);
  const { open: opens, message, data } = FrameType;
  assert.deepEqual(sent().map(({ type }) => type), [opens, message, data]);
  await written;
});

Deno.test("a channel that is closed while it waits is over at once, and was never opened", () => {
  const { channels, sent } = makeRunner();
  const [first] = Array.from({ length: MAX_CHANNELS }, () => open(channels, "stat"));
  sent();
  const [closed, next] = [open(channels, "write"), open(channels, "stat")];
  const errors: unknown[] = [];
  closed.owner = { message: () => {}, closed: ({ error }) => void errors.push(error) };
  closed.close();
  closed.close();
  assert.deepEqual(errors, [new Deno.errors.Interrupted("the channel was closed")]);
  channels.receive(closeOf(first!.id));
  first!.close();
  assert.deepEqual(
    sent().map(({ type, channel }) => [type, channel]),
    [[FrameType.close, first!.id], [FrameType.open, next.id]],
  );
});

Deno.test("drain() takes back what waits", async () => {
  const { channels, sent } = makeRunner();
  for (let count = 0; count < MAX_CHANNELS + 5; count++) open(channels, "stat");
  sent();
  const drained = channels.drain();
  const closes = sent();
  assert.deepEqual(closes.map(({ channel }) => channel), numbers(MAX_CHANNELS));
  for (const { channel } of closes) channels.receive(closeOf(channel));
  await drained;
  assert.deepEqual(sent(), []);
});

function makeRunner(): {
  channels: Channels;
  outbox: Outbox;
  sent: (options?: { data: boolean }) => Frame[];
} {
  const outbox = new Outbox(() => {});
  const writer = new PacketWriter();
  const sent = (options = { data: true }) => {
    const frames: Frame[] = [];
    for (let packet; (packet = outbox.compose(writer, options));) {
      frames.push(...decodePacket(packet));
    }
    return frames;
  };
  return { channels: new Channels(outbox), outbox, sent };
}

function open(channels: Channels, operation: string): ReturnType<Channels["open"]> {
  return channels.open({ operation, args: {} });
}

/** The agent's. */
function closeOf(channel: number): Frame {
  return { type: FrameType.close, stream: 0, channel, payload: encodeJson({ result: null }) };
}

/** 1, 2, … */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
