import type { BusyWork, CpuUse } from "../host.ts";
import { openLibrary } from "../starter/libc.ts";
import { ControlGroup } from "../control_group/control_group.ts";

/** Work for a processor that needs no memory to speak of, in a thread of the runtime's pool. */
const FUNCTIONS = {
  getrandom: { parameters: ["buffer", "usize", "u32"], result: "isize", nonblocking: true },
} as const;

/** Random bytes of one piece of work: some milliseconds. */
const PIECE = 1024 * 1024;

/**
 * Keeps processors busy by having the kernel make random bytes, and tells what the control group has
 * got meanwhile. A loop of its own would hold up all else that this process does.
 */
export async function keepBusy(
  { processors, duration }: BusyWork,
  signal?: AbortSignal,
): Promise<CpuUse> {
  const group = new ControlGroup();
  const library = openLibrary(FUNCTIONS);
  if (!library) {
    throw new Deno.errors.NotSupported("Cannot keep processors busy: no C library here");
  }
  const [used, throttled, started] = [group.cpuUsed, group.throttled, performance.now()];
  const isOver = () => performance.now() - started >= duration || signal?.aborted;
  const work = async () => {
    const bytes = new Uint8Array(PIECE);
    while (!isOver()) await library.symbols.getrandom(bytes, BigInt(bytes.length), 0);
  };
  try {
    await Promise.all(Array.from({ length: processors }, work));
    return {
      elapsed: performance.now() - started,
      used: difference(group.cpuUsed, used),
      throttled: difference(group.throttled, throttled),
    };
  } finally {
    library.close();
  }
}

function difference(now: number | undefined, before: number | undefined): number | null {
  return now === undefined || before === undefined ? null : now - before;
}
