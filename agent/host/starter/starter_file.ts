import type { Libc } from "./libc.ts";
import { starterBytes } from "./starter_bytes.ts";

/** A file without a name, from which the starter is executed. */
export interface StarterFile extends Disposable {
  /** As a process that this one starts sees it before it executes anything. */
  readonly path: string;
}

/** Flags of `memfd_create()`: nothing inherits it, it can be sealed, it may be executed. */
const MEMORY_FLAGS = { closeOnExec: 1, allowSealing: 2, executable: 16 };

/** Adds seals to a file in memory; these keep it from ever being changed. */
const ADD_SEALS = 1033;
const ALL_SEALS = 0b1111;

/** What the starter exits with when it gets no order. */
const NOTHING_TO_DO = 125;

/**
 * Puts the starter where it can be executed: into memory, which needs no file system that can be
 * written to and has no mount options; else into `folder`. Resolves to `undefined` if neither works.
 */
export async function openStarterFile(
  libc: Libc,
  folder: string,
): Promise<StarterFile | undefined> {
  const bytes = Uint8Array.fromBase64(starterBytes[Deno.build.arch]);
  return await fileInMemory(libc, bytes) ?? await fileIn(folder, bytes);
}

async function fileInMemory(
  libc: Libc,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<StarterFile | undefined> {
  const { memfd_create, fcntl, write, close } = libc.symbols;
  const { closeOnExec, allowSealing, executable } = MEMORY_FLAGS;
  const name = new TextEncoder().encode("clustertest-starter\0");
  let file = memfd_create(name, closeOnExec | allowSealing | executable);
  // Kernels before 6.3 do not know that flag, and have all such files executable.
  if (file < 0) file = memfd_create(name, closeOnExec | allowSealing);
  if (file < 0) return undefined;
  const opened = { path: `/proc/self/fd/${file}`, [Symbol.dispose]: () => void close(file) };
  const isComplete = write(file, bytes, BigInt(bytes.length)) === bytes.length;
  const isSealed = isComplete && fcntl(file, ADD_SEALS, ALL_SEALS) === 0;
  if (isSealed && await canRun(opened)) return opened;
  opened[Symbol.dispose]();
  return undefined;
}

async function fileIn(
  folder: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<StarterFile | undefined> {
  const name = `${folder}/.starter-${crypto.randomUUID()}`;
  let file: Deno.FsFile | undefined;
  try {
    await Deno.writeFile(name, bytes, { mode: 0o700, createNew: true });
    file = await Deno.open(name);
    const opened = { path: pathOfOpen(name), [Symbol.dispose]: () => file!.close() };
    if (await canRun(opened)) return opened;
  } catch {
    // Such a folder cannot be written to, or there is no `/proc`.
  } finally {
    await Deno.remove(name).catch(() => {});
  }
  file?.close();
  return undefined;
}

/** Where a file is may forbid that it is executed, and so may the system. */
async function canRun({ path }: StarterFile): Promise<boolean> {
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  try {
    const { code } = await new Deno.Command(path, { ...streams, clearEnv: true }).output();
    return code === NOTHING_TO_DO;
  } catch {
    return false;
  }
}

/** The path of an open file of this process that stays when its name is gone. */
function pathOfOpen(name: string): string {
  for (const { name: number } of Deno.readDirSync("/proc/self/fd")) {
    const path = `/proc/self/fd/${number}`;
    try {
      if (Deno.readLinkSync(path) === name) return path;
    } catch {
      // Closed meanwhile.
    }
  }
  throw new Error(`Cannot find the open file "${name}"`);
}
