/** Waits until `work` has ended, in whatever way, but not longer than some milliseconds. */
export async function settledWithin(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work.then(() => {}, () => {}), promise]);
  clearTimeout(timer);
}
