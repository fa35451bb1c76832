import assert from "node:assert/strict";
import { decodeEntries, encodeEntries } from "./folder_entries.ts";
import { MAX_PATH } from "./protocol.ts";

const KINDS = [
  { isFile: true, isDirectory: false, isSymlink: false },
  { isFile: false, isDirectory: true, isSymlink: false },
  { isFile: false, isDirectory: false, isSymlink: true },
  { isFile: false, isDirectory: false, isSymlink: false },
];

Deno.test("entries of every kind and name come back as they were, however they are cut", async () => {
  const names = ["a", "\u{feff}mark", "two\nlines", " ", '"', "ä€\u{1f600}", "x".repeat(255)];
  const entries = KINDS.flatMap((kind) => names.map((name) => ({ name, ...kind })));
  const bytes = new Uint8Array(await new Response(encodeEntries(entries)).arrayBuffer());
  for (const size of [1, 7, bytes.length]) {
    assert.deepEqual(await decodeEntries(cut(bytes, size)), entries);
  }
});

Deno.test("entries are encoded as they are read", async () => {
  const entries = Array.from({ length: 10_000 }, (_, i) => ({ name: `${i}`, ...KINDS[0]! }));
  const reader = encodeEntries(entries).getReader();
  const { value } = await reader.read();
  assert.ok(value!.length < 50_000, `${value!.length} bytes in the first chunk`);
  await reader.cancel();
});

for (
  const [what, text] of Object.entries({
    "an unknown kind": "xname\0",
    "no name": "f\0",
    "nothing before the end of an entry": "\0",
    "an end within an entry": "fname",
    "a name that does not end": `f${"x".repeat(2 * MAX_PATH)}`,
  })
) {
  Deno.test(`entries with ${what} are refused`, async () => {
    const source = cut(new TextEncoder().encode(text), 10_000);
    await assert.rejects(decodeEntries(source), { name: "ProtocolViolation" });
  });
}

function cut(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const count = Math.ceil(bytes.length / size);
  return ReadableStream.from(
    Array.from({ length: count }, (_, i) => bytes.slice(i * size, (i + 1) * size)),
  );
}
