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

/** Emits how a test has ended, on its cluster's events if there are any, or else on the progress alone. */
export function tellEnd(audience: TestAudience, result: TestResult): void {
  tell(audience, { type: "test-ended", ...result });
}

/** Emits an event on the cluster's stream; without a cluster that is alive, it only shows it as progress. */
export function tell(
  { cluster, progress, name = "cluster" }: TestAudience,
  event: EventDetail,
): void {
  if (cluster && !insidesOf(cluster).isDisposed) return cluster.events.emit(event);
  const events = new EventStream(cluster?.id ?? "");
  using _shown = showProgress(events, { name, progress });
  events.emit(event);
}

/** A path relative to the current folder, if it is in there. */
export function shortPath(path: string): string {
  try {
    const short = relative(Deno.cwd(), path);
    return short.startsWith("..") ? path : short;
  } catch {
    return path; // A test may remove the folder that it is in.
  }
}
