import assert from "node:assert/strict";
import type { FeedItem } from "../host/host.ts";
import { encodeFeedItem, FeedDecoder } from "./output_record.ts";
import { ProtocolViolation } from "./violation.ts";

const ITEMS: readonly FeedItem[] = [
  { key: 1, output: "stdout", missing: 0, bytes: new Uint8Array([1, 2, 3]), last: false },
  { key: 2 ** 32 - 1, output: "stderr", missing: 2 ** 40, bytes: new Uint8Array(), last: true },
  "flushed",
  { key: 7, output: "stdout", missing: 0, bytes: new Uint8Array(70_000).fill(9), last: false },
];

for (const size of [1, 17, 18, 19, 65_536, 100_000]) {
  Deno.test(`FeedDecoder reads what was encoded, in chunks of ${size} bytes`, () => {
    const stream = ITEMS.flatMap((item) => [...encodeFeedItem(item)]);
    const decoder = new FeedDecoder();
    const items: FeedItem[] = [];
    for (let start = 0; start < stream.length; start += size) {
      items.push(...decoder.decode(new Uint8Array(stream.slice(start, start + size))));
    }
    assert.deepEqual(items, ITEMS);
  });
}

for (
  const [what, change] of [
    ["kind", (bytes: Uint8Array) => bytes[0] = 3],
    ["length", (bytes: Uint8Array) => bytes[14] = 255],
    ["number of bytes left out", (bytes: Uint8Array) => bytes[6] = 255],
  ] as const
) {
  Deno.test(`FeedDecoder takes no record with an impossible ${what}`, () => {
    const bytes = encodeFeedItem(ITEMS[0]!);
    change(bytes);
    assert.throws(() => new FeedDecoder().decode(bytes), ProtocolViolation);
  });
}
