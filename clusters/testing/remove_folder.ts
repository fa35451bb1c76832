import { delay } from "../../agent/delay.ts";

/** Tries until it is given up, and milliseconds between them. */
const [TRIES, PAUSE] = [500, 20];

/** Removes the folder that a runner was started in, in which its guardian may just be writing a report. */
export async function removeFolder(path: string): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      const isThere = await Deno.lstat(path).then(() => true, () => false);
      if (!isThere && tries > 1) return;
      if (!isThere || tries === TRIES) throw error;
      await delay(PAUSE);
    }
  }
}
