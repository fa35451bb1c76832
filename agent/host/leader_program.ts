/** Bytes of the headers before the code. */
const HEADERS = 64 + 56;

/** Where the file is in memory. */
const BASE = 0x400000;

/** Code for one architecture, and its number in ELF. */
interface Code {
  readonly machine: number;
  readonly bytes: Uint8Array;
}

/**
 * `setsid()`, then `execve(argv[1], &argv[2], envp)`; if that fails, `kill(getpid(), SIGSTOP)` for
 * ever.
 */
const CODES: Readonly<Record<typeof Deno.build.arch, Code>> = {
  x86_64: {
    machine: 62,
    bytes: Uint8Array.fromHex(
      [
        "b870000000 0f05", // mov eax, 112 (setsid); syscall
        "488b0c24", // mov rcx, [rsp]: argc
        "488b7c2410", // mov rdi, [rsp + 16]: argv[1]
        "488d742418", // lea rsi, [rsp + 24]: &argv[2]
        "488d54cc10", // lea rdx, [rsp + 8 * rcx + 16]: envp
        "b83b000000 0f05", // mov eax, 59 (execve); syscall
        "b827000000 0f05", // mov eax, 39 (getpid); syscall
        "89c7", // mov edi, eax
        "be13000000", // mov esi, 19 (SIGSTOP)
        "b83e000000 0f05", // mov eax, 62 (kill); syscall
        "ebe9", // jmp to getpid
      ].join("").replaceAll(" ", ""),
    ),
  },
  aarch64: {
    machine: 183,
    bytes: words(
      ...[0xd28013a8, 0xd4000001], // mov x8, 157 (setsid); svc 0
      0xf94003e9, // ldr x9, [sp]: argc
      0xf9400be0, // ldr x0, [sp, 16]: argv[1]
      0x910063e1, // add x1, sp, 24: &argv[2]
      ...[0x8b296fe2, 0x91004042], // add x2, sp, x9, lsl 3; add x2, x2, 16: envp
      ...[0xd2801ba8, 0xd4000001], // mov x8, 221 (execve); svc 0
      ...[0xd2801588, 0xd4000001], // mov x8, 172 (getpid); svc 0
      0xd2800261, // mov x1, 19 (SIGSTOP)
      ...[0xd2801028, 0xd4000001], // mov x8, 129 (kill); svc 0
      0x17fffffb, // b to getpid
    ),
  },
};

/**
 * A Linux program of less than 200 bytes that becomes the leader of a session of its own, and then
 * the program that its arguments name: a path, and the arguments of that from its name on. When that
 * cannot be, it stops itself.
 */
export function leaderProgram(arch: typeof Deno.build.arch): Uint8Array {
  const { machine, bytes } = CODES[arch];
  const file = new Uint8Array(HEADERS + bytes.length);
  const view = new DataView(file.buffer);
  const put16 = (offset: number, value: number) => view.setUint16(offset, value, true);
  const put32 = (offset: number, value: number) => view.setUint32(offset, value, true);
  const put64 = (offset: number, value: number) => view.setBigUint64(offset, BigInt(value), true);
  file.set(Uint8Array.fromHex("7f454c46020101")); // ELF, 64 bits, little-endian
  put16(16, 2); // an executable
  put16(18, machine);
  put32(20, 1); // the version
  put64(24, BASE + HEADERS); // where it begins
  put64(32, 64); // where the program header is
  put16(52, 64); // the sizes of both headers, and the number of program headers
  put16(54, 56);
  put16(56, 1);
  put32(64, 1); // to be loaded
  put32(68, 5); // for reading and execution
  put64(80, BASE);
  put64(88, BASE);
  put64(96, file.length);
  put64(104, file.length);
  put64(112, 0x10000); // the largest page
  file.set(bytes, HEADERS);
  return file;
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(4 * index, value, true));
  return bytes;
}
