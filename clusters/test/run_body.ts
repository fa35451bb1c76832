import type { Cluster } from "../cluster/mod.ts";
import type { NodeOptions } from "../kit/mod.ts";
import { suppressedParts } from "../../agent/thrown_text.ts";
import { EarlyEnd, type EarlyEndOptions } from "./early_end.ts";
import { isSkip, softFailures } from "./test_context.ts";
import { watchedSteps } from "./watched_steps.ts";

/** The body of a test, and what may end it early. */
export interface BodyRun<O extends NodeOptions, C> extends EarlyEndOptions {
  readonly cluster: Cluster<O>;
  readonly context: C;
  readonly body: (cluster: Cluster<O>, context: C) => unknown;
}

/** The outcome of the body of a test. */
export interface BodyOutcome {
  readonly verdict: "passed" | "failed" | "skipped";
  /** What the test is to reject with. */
  readonly thrown: readonly unknown[];
  /** Failures that the framework knows of already: those of steps, and soft assertions. */
  readonly ofSteps: readonly unknown[];
  /** The end of the body, which may come after the test was given up. */
  readonly end: BodyEnd;
}

/** The end of a body. */
class BodyEnd {
  /** Resolves when the body has ended. */
  readonly promise: Promise<void>;
  /** What the body has thrown by now. */
  thrown: readonly unknown[] = [];

  constructor(settled: Promise<unknown>) {
    this.promise = settled.then(() => {}, (error) => {
      this.thrown = [error];
    });
  }
}

/** Runs the body of a test until it ends, or the test is over before its time. */
export async function runBody<O extends NodeOptions, C>(run: BodyRun<O, C>): Promise<BodyOutcome> {
  const { body, cluster, context } = run;
  using early = new EarlyEnd(run);
  const ofSteps: unknown[] = [];
  const onStepFailure = (error: unknown) => ofSteps.push(...suppressedParts(error));
  // A test that is over already does not begin.
  const settled = Promise.race([early.promise, undefined])
    .then(() => body(cluster, watchedSteps(context, onStepFailure)));
  const end = new BodyEnd(settled);
  const failed = (...thrown: unknown[]): BodyOutcome => ({
    verdict: "failed",
    thrown,
    ofSteps,
    end,
  });
  try {
    await Promise.race([early.promise, settled]);
  } catch (error) {
    const [own, ...ofDisposers] = suppressedParts(error);
    if (isSkip(own)) {
      return ofDisposers.length > 0
        ? failed(...ofDisposers)
        : { ...failed(own), verdict: "skipped" };
    }
    early.bodyEnded();
    const late = await early.timedOut;
    return late ? failed(late, error) : failed(error);
  }
  early.bodyEnded();
  const late = await early.timedOut;
  if (late) return failed(late);
  ofSteps.push(...softFailures(context));
  return { ...failed(), verdict: ofSteps.length > 0 ? "failed" : "passed" };
}
