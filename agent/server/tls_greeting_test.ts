import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { TlsGreeting } from "./tls_greeting.ts";

const RECORD = [22, 3, 1, 0, 3, 1, 2, 3];

Deno.test("TlsGreeting is whole when its first record is, however it is cut", () => {
  for (let cut = 1; cut < RECORD.length; cut++) {
    const greeting = new TlsGreeting();
    assert.equal(greeting.add(Buffer.from(RECORD.slice(0, cut))), "incomplete");
    assert.equal(greeting.add(Buffer.from([...RECORD.slice(cut), 22, 3])), "whole");
    assert.deepEqual([...greeting.bytes], [...RECORD, 22, 3]);
  }
});

Deno.test("TlsGreeting is foreign when it is no handshake, or a record that is too long", () => {
  assert.equal(new TlsGreeting().add(Buffer.from("GET / HTTP/1.1")), "foreign");
  assert.equal(new TlsGreeting().add(Buffer.from([22, 3, 1, 255, 255])), "foreign");
});
