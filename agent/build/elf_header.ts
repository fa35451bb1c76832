/** What the head of an ELF program says about the machine that it is for. */
export interface ElfHeader {
  readonly arch: typeof Deno.build.arch | "other";
  /** Path of the loader that it asks for; `undefined` for a static program. */
  readonly interpreter: string | undefined;
}

/** Bytes that hold the headers and the interpreter's name of any program that a linker made. */
const HEAD_SIZE = 64 * 1024;

const ARCHITECTURES: Readonly<Record<number, ElfHeader["arch"]>> = { 62: "x86_64", 183: "aarch64" };

/** Reads the headers of a 64-bit little-endian ELF program; `undefined` if it is something else. */
export async function readElfHeader(path: string): Promise<ElfHeader | undefined> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(HEAD_SIZE);
  const length = await file.read(bytes) ?? 0;
  const head = new DataView(bytes.buffer, 0, length);
  const isElf = length >= 64 && head.getUint32(0) === 0x7f454c46;
  if (!isElf || head.getUint8(4) !== 2 || head.getUint8(5) !== 1) return undefined;
  const arch = ARCHITECTURES[head.getUint16(18, true)] ?? "other";
  return { arch, interpreter: findInterpreter(head, bytes) };
}

/** The content of the PT_INTERP segment. */
function findInterpreter(head: DataView, bytes: Uint8Array): string | undefined {
  const table = Number(head.getBigUint64(32, true));
  const entrySize = head.getUint16(54, true);
  const count = head.getUint16(56, true);
  for (let index = 0; index < count; index++) {
    const at = table + index * entrySize;
    if (at + entrySize > head.byteLength) return undefined;
    if (head.getUint32(at, true) !== 3) continue;
    const offset = Number(head.getBigUint64(at + 8, true));
    const size = Number(head.getBigUint64(at + 32, true));
    return new TextDecoder().decode(bytes.subarray(offset, offset + size - 1));
  }
  return undefined;
}
