/** A pseudo-terminal for a test. Disposing hangs it up. */
export interface TestTerminal extends Disposable {
  /** Path of the end for processes. */
  readonly path: string;
}

/** O_RDWR and O_NOCTTY. */
const OPEN_FLAGS = 0o402;

/** Opens a terminal of this machine. */
export function openTerminal(): TestTerminal {
  const libc = Deno.dlopen("libc.so.6", {
    posix_openpt: { parameters: ["i32"], result: "i32" },
    grantpt: { parameters: ["i32"], result: "i32" },
    unlockpt: { parameters: ["i32"], result: "i32" },
    ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { posix_openpt, grantpt, unlockpt, ptsname_r, close } = libc.symbols;
  const master = posix_openpt(OPEN_FLAGS);
  const name = new Uint8Array(64);
  const results = [grantpt(master), unlockpt(master), ptsname_r(master, name, 64n)];
  if (results.some((result) => result !== 0)) throw new Error("Cannot open a terminal");
  return {
    path: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
    [Symbol.dispose]: () => {
      close(master);
      libc.close();
    },
  };
}
