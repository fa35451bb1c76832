import { relative } from "node:path";
import { type Cluster, insidesOf } from "../cluster/mod.ts";
import { EventStream, showProgress, type TestResult } from "../events/mod.ts";

/** Who is told of the end of a test. */
export interface TestAudience {
  /** `undefined` if there could be none. */
  readonly cluster: Cluster<never> | undefined;
  /** As the test asked for. */
  readonly progress: boolean | "all" | "output" | undefined;
}

/** Says how a test has ended, by the events of its cluster; or if nobody hears those, to the progress. */
export function tellEnd({ cluster, progress }: TestAudience, result: TestResult): void {
  const event = { type: "test-ended", ...result } as const;
  if (cluster && !insidesOf(cluster).isDisposed) return cluster.events.emit(event);
  const events = new EventStream(cluster?.id ?? "");
  using _shown = showProgress(events, { name: "cluster", progress });
  events.emit(event);
}

/** A path as somebody would type it who is where the tests were started. */
export function shortPath(path: string): string {
  try {
    const short = relative(Deno.cwd(), path);
    return short.startsWith("..") ? path : short;
  } catch {
    return path; // A test may remove the folder that it is in.
  }
}
