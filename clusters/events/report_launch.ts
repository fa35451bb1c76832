import type { Emit } from "./events.ts";
import { OngoingWork } from "./ongoing_work.ts";

/** Milliseconds after which a launch is worth showing; before, it is over too soon. */
const WORTH_SHOWING = 1_000;

/** Names that a line of progress has room for. */
const MAX_NAMES = 3;

/** What is launched. */
export interface ReportedLaunch {
  readonly emit: Emit;
  /** Unique in the cluster. */
  readonly id: string;
  readonly names: readonly string[];
}

/**
 * Launches nodes, and reports that if it takes a while; `launch` calls its argument for each node that
 * is there.
 */
export async function reportLaunch<T>(
  { emit, id, names }: ReportedLaunch,
  launch: (onLaunched: () => void) => Promise<T>,
): Promise<T> {
  const total = names.length;
  const label = `launching ${describeNames(names)}`;
  const work = new OngoingWork(emit, { work: id, kind: "launch", label, total, unit: "nodes" });
  let done = 0;
  const timer = setTimeout(() => work.begin({ done }), WORTH_SHOWING);
  const count = () => {
    done++;
    if (work.isReported) work.progress({ done });
  };
  try {
    return await work.endAfter(() => launch(count));
  } finally {
    clearTimeout(timer);
  }
}

/** Tells one launch from another that goes on at the same time. */
function describeNames(names: readonly string[]): string {
  if (names.length <= MAX_NAMES) return names.join(", ");
  return `${names.length} nodes, ${names[0]} to ${names.at(-1)}`;
}
