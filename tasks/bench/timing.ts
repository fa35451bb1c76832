/** Bytes of a megabyte, as speeds of disks and networks count them. */
const MEGABYTE = 1e6;

/** Milliseconds that something takes. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Megabytes in a second, when something moves so many bytes. */
export async function megabytesPerSecond(
  bytes: number,
  work: () => Promise<unknown>,
): Promise<number> {
  return bytes / MEGABYTE / (await milliseconds(work) / 1000);
}

/** Does `count` things, at most `atOnce` of them at a time. */
export async function inParallel(
  { count, atOnce }: { count: number; atOnce: number },
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, async () => {
    while (next < count) await work(next++);
  }));
}
