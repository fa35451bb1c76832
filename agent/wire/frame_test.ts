import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeCount,
  decodeJson,
  decodePacket,
  encodeCount,
  encodeJson,
  encodePacket,
  type Frame,
  FrameType,
  MAX_PAYLOAD,
} from "./frame.ts";
import { MAX_DATA, MAX_PACKET } from "./protocol.ts";
import { ProtocolViolation } from "./violation.ts";

const channel = fc.integer({ min: 1, max: 0xffffffff });
const stream = fc.integer({ min: 0, max: 2 });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });

const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant(FrameType.data), stream, channel, payload: bytes }),
  fc.record({
    type: fc.constantFrom(FrameType.open, FrameType.message, FrameType.close),
    stream: fc.constant(0),
    channel,
    payload: fc.uint8Array(),
  }),
  fc.record({
    type: fc.constant(FrameType.credit),
    stream,
    channel,
    payload: fc.integer({ min: 0 }).map(encodeCount),
  }),
);

Deno.test("decodePacket() gives back the frames that a packet was made of", () => {
  fc.assert(fc.property(fc.array(frame, { minLength: 1, maxLength: 5 }), (frames) => {
    const packet = joined(frames.map(encodePacket));
    assert.deepEqual(decodePacket(packet).map(comparable), frames.map(comparable));
  }));
});

Deno.test("decodePacket() throws nothing but violations whatever it is given", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (packet) => {
    try {
      decodePacket(Uint8Array.from(packet));
    } catch (error) {
      assert.ok(error instanceof ProtocolViolation);
    }
  }));
});

const VIOLATIONS: Readonly<Record<string, readonly [packet: Uint8Array<ArrayBuffer>, RegExp]>> = {
  "nothing": [new Uint8Array(0), /^empty packet$/],
  "too much": [new Uint8Array(MAX_PACKET + 1), /^oversized packet$/],
  "half a header": [new Uint8Array(9), /^truncated frame header$/],
  "less than the header says": [header({ type: 17, channel: 1, length: 5 }), /^truncated frame$/],
  "an unknown type": [header({ type: 4, channel: 1 }), /^unknown frame type 4$/],
  "a channel where none belongs": [header({ type: 3, channel: 1 }), /^channel 1 misplaced$/],
  "no channel where one belongs": [header({ type: 16 }), /^channel 0 misplaced$/],
  "a fourth stream": [header({ type: 19, channel: 1, stream: 3 }), /^no stream 3 in frames/],
  "a stream in a message": [header({ type: 21, channel: 1, stream: 1 }), /^no stream 1 in frames/],
  "empty data": [header({ type: 17, channel: 1 }), /^frame of type 17 with 0 bytes$/],
  "too much data": [padded({ type: 17, channel: 1, length: MAX_DATA + 1 }), /with 262145 bytes$/],
  "an end with a payload": [padded({ type: 19, channel: 1, length: 1 }), /with 1 bytes$/],
  "a short credit": [padded({ type: 18, channel: 1, length: 7 }), /with 7 bytes$/],
};

for (const [what, [packet, message]] of Object.entries(VIOLATIONS)) {
  Deno.test(`decodePacket() refuses ${what}`, () => {
    assert.throws(() => decodePacket(packet), { name: "ProtocolViolation", message });
  });
}

Deno.test("decodeCount() refuses what is no safe integer", () => {
  const payload = new Uint8Array([0, 32, 0, 0, 0, 0, 0, 0]);
  const frame: Frame = { type: FrameType.ack, stream: 0, channel: 0, payload };
  assert.throws(() => decodeCount(frame), ProtocolViolation);
  const largest = { ...frame, payload: encodeCount(Number.MAX_SAFE_INTEGER) };
  assert.equal(decodeCount(largest), Number.MAX_SAFE_INTEGER);
});

Deno.test("decodeJson() refuses what is no JSON, and takes nothing for undefined", () => {
  const json = (payload: Uint8Array<ArrayBuffer>) =>
    decodeJson({ type: FrameType.open, stream: 0, channel: 1, payload });
  assert.equal(json(new Uint8Array(0)), undefined);
  assert.deepEqual(json(encodeJson({ é: [1] })), { é: [1] });
  assert.throws(() => json(new Uint8Array([0x7b])), ProtocolViolation);
  assert.throws(() => json(new Uint8Array([0x22, 0xff, 0x22])), ProtocolViolation);
});

Deno.test("encodeJson() refuses what fits into no packet", () => {
  assert.throws(() => encodeJson("x".repeat(MAX_PAYLOAD)), RangeError);
  assert.equal(encodeJson("x".repeat(MAX_PAYLOAD - 2)).length, MAX_PAYLOAD);
});

interface Header {
  readonly type: number;
  readonly stream?: number;
  readonly channel?: number;
  readonly length?: number;
}

function header({ type, stream = 0, channel = 0, length = 0 }: Header): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint8(1, stream);
  view.setUint32(2, channel);
  view.setUint32(6, length);
  return bytes;
}

/** With as many bytes as the header says. */
function padded(frame: Header & { readonly length: number }): Uint8Array<ArrayBuffer> {
  return joined([header(frame), new Uint8Array(frame.length)]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function comparable({ type, stream, channel, payload }: Frame): unknown[] {
  return [type, stream, channel, ...payload];
}
