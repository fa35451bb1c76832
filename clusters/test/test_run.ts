import { delay } from "../../agent/delay.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { AuthorCall } from "../calls/mod.ts";
import { checkPermissions, type Cluster, insidesOf, keepCluster } from "../cluster/mod.ts";
import { progressFromEnvironment } from "../events/mod.ts";
import type { NodeOptions } from "../kit/mod.ts";
import { insidesOf as nodeInsides } from "../node/mod.ts";
import { suppressedParts, thrownText } from "../../agent/thrown_text.ts";
import { TestArtifacts } from "./artifacts/test_artifacts.ts";
import type { CheckedTestOptions } from "./cluster_test_options.ts";
import { firstReason, isConsequence } from "./consequence.ts";
import { distinctFailures, failuresIn, oneFailure } from "./failures.ts";
import { type Keep, keepFromEnvironment } from "./keep.ts";
import { makeCluster } from "./make_cluster.ts";
import { type BodyOutcome, runBody } from "./run_body.ts";
import { factsOf, isSkip, type TestFacts } from "./test_context.ts";
import { TestReporter } from "./test_reporter.ts";

/** Milliseconds for which the end of a body is waited for after its test was given up. */
const GRACE = 100;

/** A test that is to be run. */
export interface TestPlan<O extends NodeOptions, C> {
  /** Where it was defined, for the error of a time limit. */
  readonly call: AuthorCall;
  /** The same, for the error of the whole test: a call can give its stack to one error only. */
  readonly wholeCall: AuthorCall;
  readonly options: CheckedTestOptions<O>;
  readonly body: (cluster: Cluster<O>, context: C) => unknown;
  /** The context that the framework passes. */
  readonly context: C;
}

/** One run of a test. */
export class TestRun<O extends NodeOptions, C> {
  readonly #plan: TestPlan<O, C>;
  readonly #facts: TestFacts;
  readonly #name: string;
  readonly #reporter: TestReporter;
  readonly #artifacts: TestArtifacts;
  readonly #keep: Keep;

  constructor(plan: TestPlan<O, C>) {
    this.#keep = plan.call.check(() => checkedKeep(plan.options));
    this.#plan = plan;
    this.#facts = factsOf(plan.context);
    this.#name = this.#facts.name || plan.body.name || "a test without a name";
    const { file } = this.#facts;
    const { progress, artifacts } = plan.options;
    this.#reporter = new TestReporter({ name: this.#name, file, progress });
    this.#artifacts = new TestArtifacts(artifacts);
  }

  /** Runs it, from the making of its cluster to the end of that; rejects when it has failed. */
  async run(): Promise<void> {
    const cluster = await this.#open();
    try {
      await this.#runWith(cluster);
    } finally {
      // Does nothing where that has been done, and whatever fails, nothing is left behind.
      await failuresIn(() => this.#dispose(cluster));
    }
  }

  async #runWith(cluster: Cluster<O>): Promise<void> {
    const { verdict, thrown, ofSteps, end } = await this.#outcome(cluster);
    const known = distinctFailures([...thrown, ...ofSteps]);
    this.#reporter.end(verdict, known);
    const looking = await failuresIn(() => this.#lookAt(cluster, verdict, known));
    // What the body throws after the disposal follows from that, and is not looked at.
    const reasons = [...thrown, ...insidesOf(cluster).failures];
    const late = end.thrown.flatMap(suppressedParts)
      .filter((each) => !isSkip(each) && !isConsequence(each, reasons));
    const disposal = await failuresIn(() => this.#dispose(cluster));
    if (verdict === "failed") await settledWithin(GRACE, end.promise);
    const failures = distinctFailures([...thrown, ...late, ...looking, ...disposal]);
    const all = distinctFailures([...failures, ...ofSteps]);
    const last = verdict === "passed" && all.length > 0 ? "failed" : verdict;
    this.#reporter.end(last, all, this.#artifacts.folder);
    if (last === "failed") await this.#reporter.writeReport();
    if (failures.length > 0) throw this.#located(oneFailure(failures), failures);
  }

  /** The outcome of the body, when the events and outputs that belong to it have been recorded. */
  async #outcome(cluster: Cluster<O>): Promise<BodyOutcome> {
    const outcome = withLosses(await this.#runBody(cluster), insidesOf(cluster).takeFaultLosses());
    // Outputs of a shared cluster are flushed also when the test has passed, for the sanitizers' sake.
    if (outcome.verdict !== "failed" && !this.#plan.options.cluster) return outcome;
    const unflushed = await failuresIn(() => allOutputs(cluster));
    const thrown = outcome.thrown.map((each) => firstReason(each, insidesOf(cluster).failures))
      .flatMap(suppressedParts);
    return { ...outcome, thrown: [...thrown, ...unflushed] };
  }

  /** Tells of the end, collects artifacts and keeps the cluster, before that is disposed of. */
  async #lookAt(
    cluster: Cluster<O>,
    verdict: BodyOutcome["verdict"],
    failures: readonly unknown[],
  ): Promise<void> {
    this.#reporter.tell(verdict, failures);
    await this.#artifacts.collect(cluster, verdict);
    if (verdict === "failed") await this.#keepIfAsked(cluster, failures);
  }

  /** The cluster of the test, which is there already if it is shared. */
  async #open(): Promise<Cluster<O>> {
    const { options, call } = this.#plan;
    try {
      const making = { test: this.#name, signals: this.#signals };
      const cluster = options.cluster ?? await makeCluster(options, making);
      this.#reporter.begin(cluster);
      return cluster;
    } catch (error) {
      this.#reporter.end("failed", [error]);
      this.#reporter.tell("failed", [error]);
      await this.#reporter.writeReport();
      const isGivenUp = this.#signals.some((signal) => signal?.aborted && signal.reason === error);
      throw isGivenUp ? oneFailure([error]) : call.located(error);
    }
  }

  get #signals(): readonly (AbortSignal | undefined)[] {
    return [this.#plan.options.signal, this.#facts.signal];
  }

  async #runBody(cluster: Cluster<O>): Promise<BodyOutcome> {
    const { call, options: { timeout, cluster: shared }, body, context } = this.#plan;
    const isShared = shared !== undefined;
    return await runBody({
      ...{ call, cluster, body, context, timeout, isShared },
      ...{ test: this.#name, signals: this.#signals },
    });
  }

  /** Gives a new error the stack of the test's definition; an error of the test itself stays unchanged. */
  #located(error: unknown, failures: readonly unknown[]): unknown {
    return failures.includes(error) ? error : this.#plan.wholeCall.located(error);
  }

  async #keepIfAsked(cluster: Cluster<O>, [failure]: readonly unknown[]): Promise<void> {
    if (this.#keep !== "failed" || insidesOf(cluster).isDisposed) return;
    const [why] = thrownText(failure).split("\n");
    await keepCluster(cluster, `test "${this.#name}" failed: ${why}`);
  }

  async #dispose(cluster: Cluster<O>): Promise<void> {
    if (!this.#plan.options.cluster) await cluster[Symbol.asyncDispose]();
  }
}

/** Whether the cluster is kept; throws when the test cannot run with these permissions and this environment. */
function checkedKeep({ keep, progress }: CheckedTestOptions<never>): Keep {
  checkPermissions();
  if (progress === undefined) progressFromEnvironment();
  return keep ?? keepFromEnvironment();
}

/** A test whose fault was lost has shown nothing. Its own failure comes first. */
function withLosses(outcome: BodyOutcome, losses: readonly Error[]): BodyOutcome {
  if (losses.length === 0 || outcome.verdict === "skipped") return outcome;
  return { ...outcome, verdict: "failed", thrown: [...outcome.thrown, ...losses] };
}

/** Waits, within a bound, until all that has ended and was written by now is in events and record. */
async function allOutputs(cluster: Cluster<never>): Promise<void> {
  const { allNodes } = insidesOf(cluster);
  await Promise.all(allNodes.map((node) => nodeInsides(node).flushOutputs()));
  await delay(0);
}
