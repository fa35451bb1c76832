import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { pump } from "./pump.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function bytes(...values: number[]): Bytes {
  return new Uint8Array(values);
}

/** A target that keeps what is written, and how it ended. */
function collector(write: (chunk: Uint8Array) => void = () => {}) {
  const seen = { chunks: [] as Uint8Array[], end: undefined as unknown };
  const stream = new WritableStream<Uint8Array>({
    write: (chunk) => {
      write(chunk);
      seen.chunks.push(chunk);
    },
    close: () => void (seen.end = "closed"),
    abort: (reason) => void (seen.end = reason),
  });
  return { seen, stream };
}

/** A source of which only the beginning comes, and how it was cancelled. */
function stalled(...chunks: Bytes[]) {
  const seen = { cancelled: undefined as unknown };
  const stream = new ReadableStream<Bytes>({
    pull: (controller) => {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else return new Promise<void>(() => {});
    },
    cancel: (reason) => void (seen.cancelled = reason),
  });
  return { seen, stream };
}

Deno.test("pump() moves every chunk in order, tells their sizes, and closes", async () => {
  const sizes: number[] = [];
  const { seen, stream } = collector();
  const source = ReadableStream.from([bytes(1), bytes(2, 3), bytes(4)]);
  await pump(source, stream, { onChunk: (size) => void sizes.push(size) });
  deepStrictEqual(seen, { chunks: [bytes(1), bytes(2, 3), bytes(4)], end: "closed" });
  deepStrictEqual(sizes, [1, 2, 1]);
});

Deno.test("pump() aborts the target when the source fails", async () => {
  const failure = new Error("no more");
  const source = new ReadableStream<Bytes>({ start: (controller) => controller.error(failure) });
  const { seen, stream } = collector();
  await rejects(pump(source, stream), failure);
  strictEqual(seen.end, failure);
});

Deno.test("pump() says why the target could not be closed", async () => {
  const failure = new Error("not a folder");
  const stream = new WritableStream<Uint8Array>({ start: (each) => each.error(failure) });
  await rejects(pump(ReadableStream.from([]), stream), failure);
});

Deno.test("pump() cancels a source that stalls when the target fails", async () => {
  const failure = new Error("full");
  const { seen, stream } = stalled(bytes(1));
  const target = collector(() => {
    throw failure;
  });
  await rejects(pump(stream, target.stream), failure);
  strictEqual(seen.cancelled, failure);
});

Deno.test("pump() ends both streams with the reason when its signal aborts", async () => {
  const controller = new AbortController();
  const { seen, stream } = stalled(bytes(1));
  const target = collector(() => controller.abort("enough"));
  const pumped = pump(stream, target.stream, { signal: controller.signal });
  strictEqual(await pumped.catch((reason) => reason), "enough");
  deepStrictEqual([seen.cancelled, target.seen.end], ["enough", "enough"]);
});

Deno.test("pump() does nothing when its signal aborted before", async () => {
  const { seen, stream } = stalled(bytes(1));
  const target = collector();
  const signal = AbortSignal.abort("late");
  strictEqual(await pump(stream, target.stream, { signal }).catch((reason) => reason), "late");
  strictEqual(seen.cancelled, "late");
  deepStrictEqual(target.seen, { chunks: [], end: "late" });
});

Deno.test("pump() frees each chunk after its write, and only if told to", async () => {
  for (const release of [true, false]) {
    const [first, second] = [new Uint8Array(64 * 1024), new Uint8Array(64 * 1024)];
    const written: number[] = [];
    const { stream } = collector((chunk) => written.push(chunk.length));
    await pump(ReadableStream.from([first, second]), stream, { release });
    deepStrictEqual(written, [64 * 1024, 64 * 1024]);
    deepStrictEqual([first.length === 0, second.length === 0], [release, release]);
  }
});
