import { openLibrary } from "./starter/libc.ts";

/** They change who reads files, and nothing else, for the thread that calls them. */
const FUNCTIONS = {
  setfsuid: { parameters: ["u32"], result: "i32" },
  setfsgid: { parameters: ["u32"], result: "i32" },
} as const;

type IdentityFunctions = Deno.DynamicLibrary<typeof FUNCTIONS>;

/**
 * Reads what `/proc` says of a process only to its owner, and to those who may trace it. Root in a
 * container may trace nobody else's processes, but it may take their owner for a moment, as far as
 * files are concerned. That concerns this thread alone, so `read` has to be done when it returns.
 */
export function asOwnerOf<T>(pid: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isDenied = error instanceof Deno.errors.PermissionDenied;
    const owner = isDenied && Deno.uid() === 0 ? ownerOf(pid) : undefined;
    const libc = owner && openLibrary(FUNCTIONS);
    if (!libc) throw error;
    try {
      return readAs(owner, libc, read);
    } finally {
      libc.close();
    }
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
