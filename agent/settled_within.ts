import { within } from "./within.ts";

/** Waits until `work` has ended, in whatever way, but not longer than some milliseconds. */
export async function settledWithin(milliseconds: number, work: Promise<unknown>): Promise<void> {
  await within(milliseconds, work).catch(() => {});
}
