import { messageOf } from "../../../agent/host/described_error.ts";
import type { AbsentPeer, Contender } from "../row.ts";

/**
 * A contender that has shown once that it can do it; otherwise the reason why not, such as that
 * what it takes is not on this machine.
 */
export async function peer(
  name: string,
  prepare: () => Promise<Contender["sample"]>,
): Promise<Contender | AbsentPeer> {
  try {
    const sample = await prepare();
    await sample();
    return { name, sample };
  } catch (error) {
    const [absent = ""] = messageOf(error).split("\n");
    return { name, absent };
  }
}
