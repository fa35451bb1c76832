import assert from "node:assert/strict";
import { encodeJson, encodePacket, FrameType } from "./frame.ts";
import { decodeHello, decodeWelcome, VersionMismatch } from "./hello.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";
import { ProtocolViolation } from "./violation.ts";

const [OLDER, NEWER] = [PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1];

/** What the two sides say who do not fit, and what each of them makes of it. */
const MISMATCHES = [
  { runner: NEWER, agent: PROTOCOL_VERSION, remedy: 'rebuild the agent ("deno task agent")' },
  { runner: OLDER, agent: PROTOCOL_VERSION, remedy: "update clustertest where the tests run" },
  { runner: PROTOCOL_VERSION, agent: NEWER, remedy: "update clustertest where the tests run" },
  { runner: PROTOCOL_VERSION, agent: OLDER, remedy: 'rebuild the agent ("deno task agent")' },
];

/** Bytes of the longest reason that a WebSocket is closed with. */
const MAX_REASON = 123;

for (const { runner, agent, remedy } of MISMATCHES) {
  Deno.test(`a runner of protocol ${runner} and an agent of ${agent} say what is to be done`, () => {
    const decode = runner === PROTOCOL_VERSION
      ? () => decodeWelcome(packet(FrameType.welcome, { protocol: agent, other: true }))
      : () => decodeHello(packet(FrameType.hello, { protocol: runner, other: true }));
    assert.throws(decode, (error: Error) => {
      assert.ok(error instanceof VersionMismatch, String(error));
      const versions = `the runner speaks protocol ${runner}, the agent ${agent}`;
      assert.equal(error.message, `${versions}: ${remedy}`);
      return error.message.length <= MAX_REASON;
    });
  });
}

for (const value of [{}, { protocol: "1" }, [], null]) {
  Deno.test(`decodeHello() refuses ${JSON.stringify(value)}, which has no version`, () => {
    assert.throws(() => decodeHello(packet(FrameType.hello, value)), ProtocolViolation);
  });
}

function packet(type: FrameType, value: unknown): Uint8Array<ArrayBuffer> {
  return encodePacket({ type, stream: 0, channel: 0, payload: encodeJson(value) });
}
