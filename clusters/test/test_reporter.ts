import { type Cluster, insidesOf } from "../cluster/mod.ts";
import { plainText } from "../events/mod.ts";
import { currentRun } from "../ownership/mod.ts";
import { TestRecord } from "../record/mod.ts";
import { thrownText } from "../../agent/thrown_text.ts";
import { authorPlace } from "./author_place.ts";
import { describeFailure } from "./described_failure.ts";
import { linesOfWaits } from "./ongoing_lines.ts";
import type { BodyOutcome } from "./run_body.ts";
import { shortPath, tell, tellEnd, type TestAudience } from "./tell_end.ts";

/** The test that is reported on. */
export interface ReportedTest {
  readonly name: string;
  /** The path of its file, where that is known. */
  readonly file: string | undefined;
  /** As the test asked for. */
  readonly progress: TestAudience["progress"];
}

/** Records how a test goes, and tells those who listen. */
export class TestReporter {
  readonly #test: ReportedTest;
  readonly #record: TestRecord;
  /** Why the test cannot be recorded, until somebody can be told. */
  #trouble: string | undefined;
  #cluster: Cluster<never> | undefined;
  #started = performance.now();

  /** Begins the record. */
  constructor(test: ReportedTest) {
    const { name, file } = test;
    this.#test = test;
    this.#record = new TestRecord({
      ...{ run: currentRun(), name, file },
      onTrouble: (message) => this.#trouble = message,
    });
  }

  /** The test has its cluster, and begins. */
  begin(cluster: Cluster<never>): void {
    this.#cluster = cluster;
    this.#started = performance.now();
    this.#record.hasCluster(cluster.id);
    cluster.events.emit({ type: "test-started", test: this.#test.name });
    // A record that has failed as a whole has said so.
    if (this.#trouble === undefined || !insidesOf(cluster).record.folder) return;
    cluster.events.emit({ type: "warning", message: this.#trouble });
  }

  /** Says how the test has ended, before anything is torn down. */
  tell(verdict: BodyOutcome["verdict"], failures: readonly unknown[]): void {
    const cluster = this.#cluster;
    const { name: test, progress } = this.#test;
    const record = (cluster && insidesOf(cluster).record.folder) ?? this.#record.folder;
    tellEnd({ cluster, progress }, {
      test,
      verdict,
      elapsed: performance.now() - this.#started,
      ...verdict === "failed" && { error: failures.map(thrownText).join("\n") || "unknown" },
      ...cluster && { running: linesOfWaits(cluster, failures) },
      ...record !== undefined && { record: shortPath(record) },
    });
  }

  /**
   * Records how the test has ended, as far as that is known: what happens later may be interrupted. The
   * last call counts. `artifacts` is where those are, below the folder of the run.
   */
  end(verdict: BodyOutcome["verdict"], failures: readonly unknown[], artifacts?: string): void {
    const known = verdict === "failed" ? failures : [];
    const { file } = this.#test;
    this.#record.end({
      verdict,
      errors: known.map(thrownText),
      failures: known.map((each) => describeFailure(each, file)),
      place: authorPlace(known, file),
      artifacts,
    });
  }

  /** Writes the report of the run, which tells of this test as well now that it is over. */
  async writeReport(): Promise<void> {
    const { folder } = this.#record;
    if (folder === undefined) return;
    const { name, progress } = this.#test;
    const audience = { cluster: this.#cluster, progress, name: `test "${plainText(name)}"` };
    try {
      // Most tests pass, and load nothing that it takes.
      const { writeReport } = await import("../report/mod.ts");
      tell(audience, { type: "report-written", report: shortPath(await writeReport(folder)) });
    } catch (error) {
      tell(audience, { type: "warning", message: `Cannot write the report of the run: ${error}` });
    }
  }
}
