import { dirname, relative } from "node:path";
import { delay } from "../../agent/delay.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { AuthorCall } from "../calls/mod.ts";
import { checkPermissions, type Cluster, insidesOf, keepCluster } from "../cluster/mod.ts";
import { plainText } from "../events/mod.ts";
import type { NodeOptions } from "../kit/mod.ts";
import { insidesOf as nodeInsides } from "../node/mod.ts";
import { currentRun } from "../ownership/mod.ts";
import { type TestEnd, TestRecord } from "../record/mod.ts";
import { authorPlace } from "./author_place.ts";
import type { CheckedTestOptions } from "./cluster_test_options.ts";
import { describeFailure } from "./described_failure.ts";
import { isConsequence, partsOf } from "./consequence.ts";
import { distinctFailures, failureText, oneFailure } from "./failures.ts";
import { type Keep, keepFromEnvironment } from "./keep.ts";
import { makeCluster } from "./make_cluster.ts";
import { newFolder } from "./new_folder.ts";
import { linesOfWaits } from "./ongoing_lines.ts";
import { type Outcome, runBody } from "./run_body.ts";
import { shortPath, tell, tellEnd } from "./tell_end.ts";
import { factsOf, type TestFacts } from "./test_context.ts";

/** Milliseconds for which a body that was given up may put its affairs in order. */
const GRACE = 100;

/** A test that is to be run. */
export interface TestPlan<O extends NodeOptions, C> {
  /** Where it was defined, for the error of a time limit. */
  readonly call: AuthorCall;
  /** The same, for the error of the whole test: a call gives its stack to one error. */
  readonly wholeCall: AuthorCall;
  readonly options: CheckedTestOptions<O>;
  readonly body: (cluster: Cluster<O>, context: C) => unknown;
  /** What the framework gives to it. */
  readonly context: C;
}

/** One run of a test. */
export class TestRun<O extends NodeOptions, C> {
  readonly #plan: TestPlan<O, C>;
  readonly #facts: TestFacts;
  readonly #name: string;
  readonly #record: TestRecord;
  /** Why the test cannot be recorded, until somebody can be told. */
  #trouble: string | undefined;
  #cluster: Cluster<O> | undefined;
  #started = performance.now();
  #artifacts: string | undefined;
  readonly #keep: Keep;

  constructor(plan: TestPlan<O, C>) {
    checkPermissions();
    this.#keep = plan.options.keep ?? keepFromEnvironment();
    this.#plan = plan;
    this.#facts = factsOf(plan.context);
    this.#name = this.#facts.name || plan.body.name || "a test without a name";
    this.#record = new TestRecord({
      ...{ run: currentRun(), name: this.#name, file: this.#facts.file },
      onTrouble: (message) => this.#trouble = message,
    });
  }

  /** Runs it, from the making of its cluster to the end of that; rejects when it has failed. */
  async run(): Promise<void> {
    const cluster = await this.#open();
    const { verdict, thrown, ofSteps, end } = await this.#outcome(cluster);
    const known = distinctFailures([...thrown, ...ofSteps]);
    this.#end(verdict, known);
    const looking = await failuresIn(() => this.#lookAt(cluster, verdict, known));
    // What it throws later comes of the end of its cluster.
    const reasons = [...thrown, ...insidesOf(cluster).failures];
    const late = end.thrown.filter((each) => !isConsequence(each, reasons));
    const disposal = await failuresIn(() => this.#dispose(cluster));
    if (verdict === "failed") await settledWithin(GRACE, end.promise);
    const failures = distinctFailures([...thrown, ...late, ...looking, ...disposal]);
    const all = distinctFailures([...failures, ...ofSteps]);
    const isFailed = verdict === "failed" || all.length > 0;
    this.#end(isFailed ? "failed" : verdict, all);
    if (isFailed) await this.#report();
    if (failures.length > 0) throw this.#located(oneFailure(failures), failures);
  }

  /** What became of the body, once the events tell of all that belongs to that. */
  async #outcome(cluster: Cluster<O>): Promise<Outcome> {
    const outcome = await this.#runBody(cluster);
    // What goes on in a shared cluster is to come to rest: sanitizers look at what a test leaves.
    if (outcome.verdict !== "failed" && !this.#plan.options.cluster) return outcome;
    const unflushed = await failuresIn(() => allOutputs(cluster));
    const thrown = outcome.thrown.map((each) => firstReason(cluster, each));
    return { ...outcome, thrown: [...thrown, ...unflushed] };
  }

  /** What is done while the cluster is there as the test has left it. */
  async #lookAt(
    cluster: Cluster<O>,
    verdict: Outcome["verdict"],
    failures: readonly unknown[],
  ): Promise<void> {
    this.#tell(verdict, failures);
    await this.#collect(cluster, verdict);
    if (verdict === "failed") await this.#keepIfAsked(cluster, failures);
  }

  /** The cluster of the test, which is there already if it is shared. */
  async #open(): Promise<Cluster<O>> {
    const { options, call } = this.#plan;
    try {
      const making = { test: this.#name, signals: this.#signals };
      const cluster = options.cluster ?? await makeCluster(options, making);
      this.#opened(cluster);
      return cluster;
    } catch (error) {
      this.#end("failed", [error]);
      this.#tell("failed", [error]);
      await this.#report();
      const isGivenUp = this.#signals.some((signal) => signal?.aborted && signal.reason === error);
      throw isGivenUp ? oneFailure([error]) : call.located(error);
    }
  }

  get #signals(): readonly (AbortSignal | undefined)[] {
    return [this.#plan.options.signal, this.#facts.signal];
  }

  #opened(cluster: Cluster<O>): void {
    this.#cluster = cluster;
    this.#started = performance.now();
    this.#record.hasCluster(cluster.id);
    cluster.events.emit({ type: "test-started", test: this.#name });
    // A record that has failed as a whole has said so.
    if (this.#trouble === undefined || !insidesOf(cluster).record.folder) return;
    cluster.events.emit({ type: "warning", message: this.#trouble });
  }

  async #runBody(cluster: Cluster<O>): Promise<Outcome> {
    const { call, options: { timeout, cluster: shared }, body, context } = this.#plan;
    const isShared = shared !== undefined;
    return await runBody({
      ...{ call, cluster, body, context, timeout, isShared },
      ...{ test: this.#name, signals: this.#signals },
    });
  }

  /** What was made of failures gets the stack from where the test was defined; a failure stays as it is. */
  #located(error: unknown, failures: readonly unknown[]): unknown {
    return failures.includes(error) ? error : this.#plan.wholeCall.located(error);
  }

  /** Says how it has ended, before anything is torn down. */
  #tell(verdict: Outcome["verdict"], failures: readonly unknown[]): void {
    const cluster = this.#cluster;
    const record = (cluster && insidesOf(cluster).record.folder) ?? this.#record.folder;
    tellEnd({ cluster, progress: this.#plan.options.progress }, {
      test: this.#name,
      verdict,
      elapsed: performance.now() - this.#started,
      ...verdict === "failed" && { error: failures.map(failureText).join("\n") || "unknown" },
      ...cluster && { running: linesOfWaits(cluster, failures) },
      ...record !== undefined && { record: shortPath(record) },
    });
  }

  /** Records how it has ended, as far as that is known: what happens later may be interrupted. */
  #end(verdict: TestEnd["verdict"], failures: readonly unknown[]): void {
    const known = verdict === "failed" ? failures : [];
    const place = authorPlace(known, this.#facts.file);
    const errors = known.map(failureText);
    const described = known.map((each) => describeFailure(each, this.#facts.file));
    this.#record.end({ verdict, errors, failures: described, place, artifacts: this.#artifacts });
  }

  /** Writes the report of the run, which tells of this test as well now that it is over. */
  async #report(): Promise<void> {
    const { folder } = this.#record;
    if (folder === undefined) return;
    const { progress } = this.#plan.options;
    const audience = { cluster: this.#cluster, progress, name: `test "${plainText(this.#name)}"` };
    try {
      // Most tests pass, and load nothing that it takes.
      const { writeReport } = await import("../report/mod.ts");
      tell(audience, { type: "report-written", report: shortPath(await writeReport(folder)) });
    } catch (error) {
      tell(audience, { type: "warning", message: `Cannot write the report of the run: ${error}` });
    }
  }

  async #collect(cluster: Cluster<O>, verdict: Outcome["verdict"]): Promise<void> {
    const { failed, always, size, timeout } = this.#plan.options.artifacts;
    const patterns = verdict === "failed" ? [...failed, ...always] : always;
    if (patterns.length === 0 || verdict === "skipped") return;
    const { collectArtifacts } = await import("./artifacts/collect_artifacts.ts");
    const { sizeLeft } = await import("./artifacts/size_left.ts");
    const { emit } = cluster.events;
    const { allNodes, record: { folder } } = insidesOf(cluster);
    const left = folder === undefined ? size : sizeLeft(dirname(folder), size);
    await collectArtifacts({
      ...{ nodes: allNodes, patterns, size: left, timeout, emit },
      makeFolder: () => this.#artifactsFolder(cluster),
    });
  }

  /** One folder for all nodes; tests that share a cluster have one each. */
  #artifactsFolder(cluster: Cluster<O>): string | undefined {
    const { folder } = insidesOf(cluster).record;
    if (folder === undefined) return undefined;
    if (this.#artifacts === undefined) {
      this.#artifacts = relative(dirname(folder), newFolder(folder, "artifacts"));
    }
    return `${dirname(folder)}/${this.#artifacts}`;
  }

  async #keepIfAsked(cluster: Cluster<O>, [failure]: readonly unknown[]): Promise<void> {
    if (this.#keep !== "failed" || insidesOf(cluster).isDisposed) return;
    const [why] = failureText(failure).split("\n");
    await keepCluster(cluster, `test "${this.#name}" failed: ${why}`);
  }

  async #dispose(cluster: Cluster<O>): Promise<void> {
    if (!this.#plan.options.cluster) await cluster[Symbol.asyncDispose]();
  }
}

/** What some work fails with: nothing, or one thing. What comes after it is done all the same. */
async function failuresIn(work: () => Promise<void>): Promise<readonly unknown[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [error];
  }
}

/** What made the test fail, where `thrown` does no more than put together what came of that. */
function firstReason(cluster: Cluster<never>, thrown: unknown): unknown {
  const { failures } = insidesOf(cluster);
  const isPutTogether = partsOf(thrown).length > 0;
  return isPutTogether && isConsequence(thrown, failures) ? failures[0] : thrown;
}

/** Waits, within a bound, until the events tell of what has ended by now, and what it wrote last. */
async function allOutputs(cluster: Cluster<never>): Promise<void> {
  const { allNodes } = insidesOf(cluster);
  await Promise.all(allNodes.map((node) => nodeInsides(node).flushOutputs()));
  await delay(0);
}
