import { strictEqual } from "node:assert/strict";
import { releaseChunk } from "./release_chunk.ts";

const SIZE = 64 * 1024;

Deno.test("releaseChunk() frees a large chunk, and the header before it", () => {
  const whole = new Uint8Array(SIZE);
  releaseChunk(whole);
  strictEqual(whole.buffer.byteLength, 0);
  const payload = new Uint8Array(SIZE + 10).subarray(10);
  releaseChunk(payload);
  strictEqual(payload.buffer.byteLength, 0);
});

Deno.test("releaseChunk() leaves alone what is small, shared, or gone", () => {
  const kept = [
    new Uint8Array(100),
    new Uint8Array(2 * SIZE).subarray(0, SIZE),
    new Uint8Array(SIZE + 11).subarray(11),
    new Uint8Array(new SharedArrayBuffer(SIZE)),
  ];
  for (const chunk of kept) {
    const { length } = chunk;
    releaseChunk(chunk);
    strictEqual(chunk.length, length);
  }
  const gone = new Uint8Array(SIZE);
  releaseChunk(gone);
  releaseChunk(gone);
});
