import assert from "node:assert/strict";
import { join } from "node:path";
import { OutputFile } from "./output_file.ts";

const LIMIT = 4000;

/** A file that is removed afterwards. */
async function withFile(use: (file: OutputFile, read: () => string) => void): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-output-" });
  const path = join(dir, "output");
  try {
    use(new OutputFile(path, LIMIT), () => Deno.readTextFileSync(path));
    assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name), ["output"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Numbered lines of ten bytes. */
function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `${from + i}`.padStart(9, "0") + "\n").join(
    "",
  );
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** How many bytes a text says are missing, and the text without these lines. */
function missingIn(text: string): { missing: number; rest: string; gaps: number } {
  const pattern = /\n\[clustertest: (\d+) bytes are missing here\]\n/g;
  const counts = [...text.matchAll(pattern)].map(([, count]) => Number(count));
  const missing = counts.reduce((sum, count) => sum + count, 0);
  return { missing, rest: text.replaceAll(pattern, ""), gaps: counts.length };
}

Deno.test("OutputFile has all that was appended, as long as that is little", () =>
  withFile((file, read) => {
    file.append(0, bytes("one"));
    file.append(0, bytes("two"));
    assert.equal(read(), "onetwo");
  }));

Deno.test("OutputFile says where bytes are missing", () =>
  withFile((file, read) => {
    file.append(0, bytes("one"));
    file.append(7, bytes("two"));
    assert.equal(read(), "one\n[clustertest: 7 bytes are missing here]\ntwo");
    assert.equal(new TextDecoder().decode(file.latest(100)), "two");
  }));

for (const step of [1, 7, 100, 450]) {
  Deno.test(`OutputFile keeps beginning and end of what comes in ${step} lines at a time`, () =>
    withFile((file, read) => {
      const count = 10_000;
      for (let i = 0; i < count; i += step) {
        file.append(0, bytes(lines(i, Math.min(count, i + step))));
        assert.ok(read().length <= LIMIT + 100);
      }
      const { missing, rest, gaps } = missingIn(read());
      assert.equal(gaps, 1);
      assert.equal(rest.length + missing, 10 * count);
      assert.ok(rest.startsWith(lines(0, 200)));
      assert.ok(rest.endsWith(lines(count - 100, count)));
    }));
}

Deno.test("OutputFile counts what is missing, also where it leaves out what says so", () =>
  withFile((file, read) => {
    let written = 0;
    for (let i = 0; i < 500; i++) {
      const text = lines(i, i + 1 + i % 40);
      file.append(i % 3 === 0 ? 5 : 0, bytes(text));
      written += text.length + (i % 3 === 0 ? 5 : 0);
      const { missing, rest } = missingIn(read());
      assert.equal(rest.length + missing, written);
    }
  }));
