import { openLibrary } from "./starter/libc.ts";

/** They change as which user the calling thread reads files, and nothing else. */
const FUNCTIONS = {
  setfsuid: { parameters: ["u32"], result: "i32" },
  setfsgid: { parameters: ["u32"], result: "i32" },
} as const;

type IdentityFunctions = Deno.DynamicLibrary<typeof FUNCTIONS>;

/**
 * Reads what `/proc` says of a process only to its owner, and to those who may trace it. Root in a
 * container may trace nobody else's processes, but it may take their owner for a moment, as far as
 * files are concerned.
 */
export class OwnerAccess implements Disposable {
  /** Opened when it is first needed, which takes longer than to read; `null` where it cannot be. */
  #library: IdentityFunctions | null | undefined;

  /** Does `read`. That it is done as another user concerns this thread alone, until it returns. */
  read<T>(pid: number, read: () => T): T {
    try {
      return read();
    } catch (error) {
      const isDenied = error instanceof Deno.errors.PermissionDenied;
      const owner = isDenied && Deno.uid() === 0 ? ownerOf(pid) : undefined;
      if (owner && this.#library === undefined) this.#library = openLibrary(FUNCTIONS) ?? null;
      if (!owner || !this.#library) throw error;
      return readAs(owner, this.#library, read);
    }
  }

  [Symbol.dispose](): void {
    this.#library?.close();
  }
}

interface ProcessOwner {
  readonly uid: number;
  readonly gid: number;
}

function readAs<T>({ uid, gid }: ProcessOwner, { symbols }: IdentityFunctions, read: () => T): T {
  const ownGid = Deno.gid() ?? 0;
  symbols.setfsgid(gid);
  symbols.setfsuid(uid);
  try {
    return read();
  } finally {
    symbols.setfsuid(0);
    symbols.setfsgid(ownGid);
  }
}

function ownerOf(pid: number): ProcessOwner | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const number = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
    return { uid: number("Uid"), gid: number("Gid") };
  } catch {
    return undefined;
  }
}
