import { relative } from "node:path";
import { type Cluster, insidesOf } from "../cluster/mod.ts";
import { type EventDetail, EventStream, showProgress, type TestResult } from "../events/mod.ts";

/** Who is told of the end of a test. */
export interface TestAudience {
  /** `undefined` if there could be none. */
  readonly cluster: Cluster<never> | undefined;
  /** As the test asked for. */
  readonly progress: boolean | "all" | "output" | undefined;
  /** What lines about it begin with, where its cluster says nothing any more. @default "cluster" */
  readonly name?: string | undefined;
}

/** Says how a test has ended, by the events of its cluster; or if nobody hears those, to the progress. */
export function tellEnd(audience: TestAudience, result: TestResult): void {
  tell(audience, { type: "test-ended", ...result });
}

/** Tells those who hear the events of the cluster; or if there is nobody, the progress. */
export function tell(
  { cluster, progress, name = "cluster" }: TestAudience,
  event: EventDetail,
): void {
  if (cluster && !insidesOf(cluster).isDisposed) return cluster.events.emit(event);
  const events = new EventStream(cluster?.id ?? "");
  using _shown = showProgress(events, { name, progress });
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
