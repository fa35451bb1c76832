import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { demultiplex, type OutputPiece } from "./demultiplex.ts";

function frame(stream: number, text: string): Uint8Array {
  const data = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + data.length);
  bytes[0] = stream;
  new DataView(bytes.buffer).setUint32(4, data.length);
  bytes.set(data, 8);
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

async function outputs(pieces: AsyncIterable<OutputPiece>): Promise<Record<string, string>> {
  const texts = { stdout: "", stderr: "" };
  for await (const { stream, data } of pieces) texts[stream] += new TextDecoder().decode(data);
  return texts;
}

const bytes = join(frame(1, "out"), frame(2, "err"), frame(1, ""), frame(1, "put"), frame(2, "or"));

for (const size of [1, 2, 3, 7, 8, 9, 10, 1000]) {
  Deno.test(`demultiplex() takes the outputs apart when chunks have ${size} bytes`, async () => {
    const chunks = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.subarray(i * size, (i + 1) * size),
    );
    const pieces = demultiplex(ReadableStream.from(chunks));
    deepStrictEqual(await outputs(pieces), { stdout: "output", stderr: "error" });
  });
}

Deno.test("demultiplex() does not read ahead of its reader", async () => {
  let pulled = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      pulled++;
      yield await Promise.resolve(frame(1, "x".repeat(100)));
    }
  }
  const pieces = demultiplex(endless());
  for (let i = 0; i < 3; i++) await pieces.next();
  strictEqual(pulled, 3);
  await pieces.return(undefined);
});

Deno.test("demultiplex() hands on a long frame before it is complete", async () => {
  const begun = frame(1, "x".repeat(1000)).subarray(0, 100);
  const pieces = demultiplex(ReadableStream.from([begun]));
  strictEqual((await pieces.next()).value?.data.length, 92);
  await rejects(pieces.next(), /ended in a frame/);
});

Deno.test("demultiplex() rejects when a frame is of no known stream", async () => {
  await rejects(outputs(demultiplex(ReadableStream.from([frame(7, "x")]))), /unknown kind 7/);
});
