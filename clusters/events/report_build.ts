import type { BuildProgress } from "../../agent/build/agent_pack.ts";
import type { Emit } from "./events.ts";
import { OngoingWork } from "./ongoing_work.ts";

/** Reports the build of an agent, if there is one: an agent that is in the cache is no work. */
export async function reportBuild<T>(
  emit: Emit,
  obtain: (onProgress: (progress: BuildProgress) => void) => Promise<T>,
): Promise<T> {
  const work = new OngoingWork(emit, {
    work: `build${crypto.randomUUID().slice(0, 8)}`,
    kind: "build",
    label: "building the agent",
  });
  return await work.endAfter(() =>
    obtain(({ label, done, total }) =>
      work.progress({ label, done, total, unit: done === undefined ? undefined : "bytes" })
    )
  );
}
