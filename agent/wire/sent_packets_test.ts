import assert from "node:assert/strict";
import { SentPackets } from "./sent_packets.ts";

Deno.test("SentPackets gives each packet once, in order", () => {
  const { sent } = withPackets(3);
  assert.deepEqual(drain(sent), [1, 2, 3]);
  assert.deepEqual(drain(sent), []);
});

Deno.test("SentPackets gives again what was not received, after a new connection", () => {
  const { sent } = withPackets(5);
  drain(sent);
  sent.acknowledge(2);
  sent.rewind(3);
  assert.deepEqual(drain(sent), [4, 5]);
  sent.rewind(3);
  sent.push(packet(6));
  assert.deepEqual(drain(sent), [4, 5, 6]);
});

Deno.test("SentPackets gives on what was left when the connection broke", () => {
  const { sent } = withPackets(4);
  sent.next();
  sent.next();
  sent.rewind(1);
  assert.deepEqual(drain(sent), [2, 3, 4]);
});

Deno.test("SentPackets releases what is acknowledged, and counts the bytes that wait", () => {
  const { sent, released } = withPackets(3);
  assert.equal(sent.bytes, 3);
  drain(sent);
  sent.acknowledge(2);
  assert.deepEqual(released, [1, 2]);
  assert.equal(sent.bytes, 1);
  sent.acknowledge(3);
  assert.deepEqual(released, [1, 2, 3]);
  assert.equal(sent.bytes, 0);
});

Deno.test("SentPackets refuses acknowledgements that cannot be", () => {
  const { sent } = withPackets(3);
  sent.next();
  assert.throws(() => sent.acknowledge(2), { message: "acknowledgement of unsent packets" });
  sent.acknowledge(1);
  assert.throws(() => sent.acknowledge(0), { message: "acknowledgement went backwards" });
  assert.throws(() => sent.rewind(0), { message: "acknowledgement went backwards" });
  assert.throws(() => sent.rewind(4), { message: "acknowledgement of unsent packets" });
});

function withPackets(count: number): { sent: SentPackets; released: number[] } {
  const released: number[] = [];
  const sent = new SentPackets((packet) => released.push(packet[0]!));
  for (let number = 1; number <= count; number++) sent.push(packet(number));
  return { sent, released };
}

function packet(number: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([number]);
}

function drain(sent: SentPackets): number[] {
  const numbers: number[] = [];
  for (let next = sent.next(); next; next = sent.next()) numbers.push(next[0]!);
  return numbers;
}
