/** What a process of this host takes up. */
export interface ProcessUsage {
  /** Bytes of memory that are in RAM. */
  readonly resident: number;
  readonly openFiles: number;
}

/** Looks into `/proc`: Linux only. */
export async function usageOf(pid: number): Promise<ProcessUsage> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  const files = await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`));
  return { resident: kilobytes * 1024, openFiles: files.length };
}

/** The most memory that a process has, as seen again and again until `work` has ended. */
export async function peakDuring(pid: number, work: Promise<unknown>): Promise<number> {
  let peak = 0;
  let over = false;
  const ended = work.finally(() => over = true);
  const look = async () => {
    while (!over) {
      // A process that has ended takes up nothing.
      const { resident } = await usageOf(pid).catch(() => ({ resident: 0 }));
      peak = Math.max(peak, resident);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all([ended, look()]);
  return peak;
}
