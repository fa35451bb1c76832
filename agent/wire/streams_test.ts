import assert from "node:assert/strict";
import { type Channel } from "./channel.ts";
import { Channels, type OpenRequest } from "./channels.ts";
import { decodePacket, encodeCount, encodeJson, type Frame, FrameType } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { PacketWriter } from "./packet_writer.ts";
import { INITIAL_CREDIT, MAX_WINDOW, PACKET_SIZE, TURN } from "./protocol.ts";

Deno.test("an outgoing stream sends no more than it was granted", async () => {
  const { runner, sent } = makeRunner();
  const stream = runner.open({ operation: "write", args: {} }).outgoing(0);
  const written = stream.write(new Uint8Array(INITIAL_CREDIT + 1000));
  assert.equal(dataBytes(sent()), INITIAL_CREDIT);
  runner.receive(credit(1, INITIAL_CREDIT + 400));
  assert.equal(dataBytes(sent()), 400);
  runner.receive(credit(1, INITIAL_CREDIT + 5000));
  assert.equal(dataBytes(sent()), 600);
  await written;
});

Deno.test("an outgoing stream refuses credit that does not grow", () => {
  const { runner } = makeRunner();
  runner.open({ operation: "write", args: {} });
  assert.throws(() => runner.receive(credit(1, INITIAL_CREDIT)), /credit does not grow/);
});

Deno.test("an outgoing stream that is stopped sends nothing any more", async () => {
  const { runner, sent } = makeRunner();
  const stream = runner.open({ operation: "write", args: {} }).outgoing(0);
  const written = stream.write(new Uint8Array(INITIAL_CREDIT));
  const payload = encodeJson({ name: "BrokenPipe", message: "enough" });
  runner.receive({ type: FrameType.reset, stream: 0, channel: 1, payload });
  await assert.rejects(written, Deno.errors.BrokenPipe);
  await assert.rejects(stream.write(new Uint8Array(1)), Deno.errors.BrokenPipe);
  await stream.end();
  assert.deepEqual(sent().map(({ type }) => type), [FrameType.open]);
});

Deno.test("streams take turns, and other frames overtake them", () => {
  const { runner, sent } = makeRunner();
  for (const channel of [1, 2]) {
    const stream = runner.open({ operation: "write", args: {} }).outgoing(0);
    runner.receive(credit(channel, PACKET_SIZE));
    stream.write(new Uint8Array(PACKET_SIZE)).catch(() => {});
  }
  runner.open({ operation: "stat", args: {} });
  const frames = sent();
  assert.deepEqual(frames.slice(0, 3).map(({ type }) => type), Array(3).fill(FrameType.open));
  const turns = frames.slice(3).map(({ channel }) => channel);
  assert.deepEqual(turns.slice(0, 4), [1, 2, 1, 2]);
  assert.ok(frames.slice(3, 7).every(({ payload }) => payload.length <= TURN));
});

Deno.test("no DATA is sent before the OPEN of its channel, which has no room in the packet", () => {
  const { runner, sent } = makeRunner();
  runner.open({ operation: "stat", args: { path: "x".repeat(0.6 * PACKET_SIZE) } });
  const stream = runner.open({ operation: "write", args: { path: "x".repeat(0.6 * PACKET_SIZE) } })
    .outgoing(0);
  stream.write(new Uint8Array(100)).catch(() => {});
  assert.deepEqual(sent().map(({ type, channel }) => [type, channel]), [
    [FrameType.open, 1],
    [FrameType.open, 2],
    [FrameType.data, 2],
  ]);
});

Deno.test("an incoming stream grants as its reader reads, up to a bound", async () => {
  const { agent, sent, accepted } = makeAgent();
  agent.receive(open(1, "write"));
  const reader = accepted()[0]!.incoming(0).readable.getReader();
  let total = 0;
  for (let granted = INITIAL_CREDIT; total < 4 * MAX_WINDOW;) {
    const size = Math.min(granted - total, 262_144);
    agent.receive(data(1, size));
    total += size;
    const { value } = await reader.read();
    assert.equal(value?.length, size);
    granted = Math.max(granted, ...sent().filter(isCredit).map(creditOf));
    assert.ok(granted > total, "the reader has read all and no more may be sent");
    assert.ok(granted <= total + MAX_WINDOW, `${granted - total} bytes may be in flight`);
  }
});

Deno.test("an incoming stream that nobody reads grants nothing, and refuses what is beyond", () => {
  const { agent, sent } = makeAgent();
  agent.receive(open(1, "write"));
  agent.receive(data(1, INITIAL_CREDIT));
  assert.deepEqual(sent(), []);
  assert.throws(() => agent.receive(data(1, 1)), /credit exceeded/);
});

Deno.test("an incoming stream brings what came before its end, then the end", async () => {
  const { agent, accepted } = makeAgent();
  agent.receive(open(1, "write"));
  for (let index = 0; index < 10; index++) agent.receive(data(1, 100));
  agent.receive({ type: FrameType.end, stream: 0, channel: 1, payload: new Uint8Array(0) });
  const bytes = await new Response(accepted()[0]!.incoming(0).readable).arrayBuffer();
  assert.equal(bytes.byteLength, 1000);
  assert.throws(() => agent.receive(data(1, 1)), /data after the end/);
});

Deno.test("an incoming stream that is cancelled stops its sender, once", async () => {
  const { agent, accepted, sent } = makeAgent();
  agent.receive(open(1, "write"));
  await accepted()[0]!.incoming(0).readable.cancel(new Error("enough"));
  assert.deepEqual(sent().map(({ type }) => type), [FrameType.reset]);
  // What was on its way is dropped.
  agent.receive(data(1, 10));
  assert.deepEqual(sent(), []);
});

const VIOLATIONS: Readonly<Record<string, readonly [frames: Frame[], message: RegExp]>> = {
  "on a channel that is not open": [[data(7, 1)], /channel 7 is not open/],
  "that opens a channel again": [[open(1, "stat"), open(1, "stat")], /channel 1 was opened before/],
  "that opens a channel below another": [[open(5, "stat"), open(4, "stat")], /was opened before/],
  "on a stream that the operation lacks": [[open(1, "stat"), data(1, 1)], /frame of type 17 for/],
  "after the close": [[open(1, "write"), close(1), data(1, 1)], /frame on closed channel 1/],
  "that opens with no operation": [
    [{ type: FrameType.open, stream: 0, channel: 1, payload: encodeJson({}) }],
    /the request\.operation is not a string/,
  ],
};

for (const [what, [frames, message]] of Object.entries(VIOLATIONS)) {
  Deno.test(`Channels refuses a frame ${what}`, () => {
    const { agent } = makeAgent();
    for (const frame of frames.slice(0, -1)) agent.receive(frame);
    assert.throws(() => agent.receive(frames.at(-1)!), { message });
  });
}

/** What has been sent since it was last asked. */
type Sent = () => Frame[];

function makeRunner(): { runner: Channels; sent: Sent } {
  const outbox = new Outbox(() => {});
  return { runner: new Channels(outbox), sent: sentBy(outbox) };
}

function makeAgent(): { agent: Channels; sent: Sent; accepted: () => Channel[] } {
  const outbox = new Outbox(() => {});
  const accepted: Channel[] = [];
  const accept = (channel: Channel, _request: OpenRequest) => void accepted.push(channel);
  return { agent: new Channels(outbox, accept), sent: sentBy(outbox), accepted: () => accepted };
}

function sentBy(outbox: Outbox): Sent {
  const writer = new PacketWriter();
  return () => {
    const frames: Frame[] = [];
    for (;;) {
      const packet = outbox.compose(writer, { data: true });
      if (!packet) return frames;
      frames.push(...decodePacket(packet));
    }
  };
}

function open(channel: number, operation: string): Frame {
  const payload = encodeJson({ operation, args: {} });
  return { type: FrameType.open, stream: 0, channel, payload };
}

function data(channel: number, length: number): Frame {
  return { type: FrameType.data, stream: 0, channel, payload: new Uint8Array(length) };
}

function credit(channel: number, count: number): Frame {
  return { type: FrameType.credit, stream: 0, channel, payload: encodeCount(count) };
}

function close(channel: number): Frame {
  return { type: FrameType.close, stream: 0, channel, payload: new Uint8Array(0) };
}

function isCredit({ type }: Frame): boolean {
  return type === FrameType.credit;
}

function creditOf({ payload }: Frame): number {
  return Number(new DataView(payload.buffer, payload.byteOffset).getBigUint64(0));
}

function dataBytes(frames: readonly Frame[]): number {
  return frames.filter(({ type }) => type === FrameType.data)
    .reduce((sum, { payload }) => sum + payload.length, 0);
}
