import assert from "node:assert/strict";
import { readElfHeader } from "./elf_header.ts";

/** A program with one header: the interpreter's name, if there is one. */
function elf(machine: number, interpreter = ""): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x7f454c46);
  bytes.set([2, 1], 4);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, interpreter === "" ? 0 : 1, true);
  view.setUint32(64, 3, true);
  view.setBigUint64(72, 128n, true);
  view.setBigUint64(96, BigInt(interpreter.length + 1), true);
  new TextEncoder().encodeInto(interpreter, bytes.subarray(128));
  return bytes;
}

const CASES = [
  { name: "a dynamic program", bytes: elf(62, "/lib64/ld.so"), arch: "x86_64" },
  { name: "a program for ARM", bytes: elf(183, "/lib/ld.so.1"), arch: "aarch64" },
  { name: "a static program", bytes: elf(62), arch: "x86_64" },
  { name: "another machine", bytes: elf(243), arch: "other" },
];

for (const { name, bytes, arch } of CASES) {
  Deno.test(`readElfHeader() reads ${name}`, async () => {
    const header = await readBytes(bytes);
    assert.equal(header?.arch, arch);
    assert.equal(header?.interpreter, /\/lib[\w./]+/.exec(new TextDecoder().decode(bytes))?.[0]);
  });
}

for (const bytes of [new Uint8Array(0), new TextEncoder().encode("#!/bin/sh\n".repeat(20))]) {
  Deno.test(`readElfHeader() is undefined for ${bytes.length} bytes of something else`, async () => {
    assert.equal(await readBytes(bytes), undefined);
  });
}

async function readBytes(bytes: Uint8Array): ReturnType<typeof readElfHeader> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    return await readElfHeader(path);
  } finally {
    await Deno.remove(path);
  }
}
