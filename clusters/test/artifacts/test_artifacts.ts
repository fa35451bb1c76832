import { dirname, relative } from "node:path";
import { type Cluster, insidesOf } from "../../cluster/mod.ts";
import type { CheckedArtifacts } from "../cluster_test_options.ts";
import { newFolder } from "../new_folder.ts";
import type { BodyOutcome } from "../run_body.ts";

/** The artifacts of one test. */
export class TestArtifacts {
  readonly #wanted: CheckedArtifacts;
  #folder: string | undefined;

  /** Nothing is collected yet. */
  constructor(wanted: CheckedArtifacts) {
    this.#wanted = wanted;
  }

  /** Where they are, below the folder of the run; `undefined` as long as there are none. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** Collects from all nodes what the test wants of its end. */
  async collect(cluster: Cluster<never>, verdict: BodyOutcome["verdict"]): Promise<void> {
    const { failed, always, size, timeout } = this.#wanted;
    const patterns = verdict === "failed" ? [...failed, ...always] : always;
    if (patterns.length === 0 || verdict === "skipped") return;
    // Most tests have none, and load nothing that it takes.
    const { collectArtifacts } = await import("./collect_artifacts.ts");
    const { sizeLeft } = await import("./size_left.ts");
    const { emit } = cluster.events;
    const { allNodes, record: { folder } } = insidesOf(cluster);
    const left = folder === undefined ? size : sizeLeft(dirname(folder), size);
    const missing = await collectArtifacts({
      ...{ nodes: allNodes, patterns, size: left, timeout, emit },
      makeFolder: () => this.#makeFolder(folder),
    });
    if (missing.length > 0) emit({ type: "artifacts-missing", patterns: missing });
  }

  /** One folder for all nodes; tests that share a cluster have one each. */
  #makeFolder(record: string | undefined): string | undefined {
    if (record === undefined) return undefined;
    const run = dirname(record);
    this.#folder ??= relative(run, newFolder(record, "artifacts"));
    return `${run}/${this.#folder}`;
  }
}
