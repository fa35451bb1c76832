/** Where the C library is: that of GNU, and that of musl. */
const NAMES = ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`];

const symbols = {
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
} as const;

/** Functions of the C library for what Deno has no call for. Results below zero are failures. */
export type Libc = Deno.DynamicLibrary<typeof symbols>;

/** `undefined` where there is none, or foreign functions are not permitted. */
export function openLibc(): Libc | undefined {
  return openLibrary(symbols);
}

/** Other functions of the C library; `undefined` as {@linkcode openLibc}. */
export function openLibrary<const S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): Deno.DynamicLibrary<S> | undefined {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  for (const name of NAMES) {
    try {
      return Deno.dlopen(name, symbols);
    } catch {
      // Another library may be there.
    }
  }
  return undefined;
}

/** Descriptors that nothing inherits: `O_CLOEXEC`. */
export const CLOSE_ON_EXEC = 0o2000000;

/** Reads that have nothing to read fail at once: `O_NONBLOCK`. */
export const NON_BLOCKING = 0o4000;
