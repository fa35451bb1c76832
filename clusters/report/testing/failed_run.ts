import { GONE, Recording, written } from "../../runs/testing/recording.ts";
import { FixedClock } from "../../runs/testing/fixed_clock.ts";
import { TestRecord } from "../../record/test_record.ts";
import type { EventDetail } from "../../events/mod.ts";

/** What becomes of markup that nobody escapes, and of what a page would fetch. */
export function hostile(port: number): string {
  return `</script></style><img src=http://127.0.0.1:${port}/img onerror=alert(1)>` +
    `<script>alert(2)</script><!--"'&lt; \u202e`;
}

/** The command that the run has, with its arguments. */
export const COMMAND = [
  ...["etcd", "--name", "node1", "--listen", "http://127.0.0.1:2379"],
  // A word that has no place to break it.
  `--initial-cluster=${"node1=http://127.0.0.1:2380,".repeat(4)}`,
];

/** A run with a test that failed while node1 was cut off, recorded at times that are known. */
export class FailedRun implements Disposable {
  readonly recording: Recording = new Recording();
  readonly #clock = new FixedClock();
  readonly #text: string;
  readonly #cluster = "0123456789ab";

  constructor(port = 1) {
    this.#text = hostile(port);
  }

  /** Records all of it; resolves to the folder of the run. */
  async record(): Promise<string> {
    const { recording } = this;
    const cluster = this.#cluster;
    this.#emit({ type: "cluster-created", backend: "local", name: "store" });
    this.#emit({ type: "test-started", test: `keeps ${this.#text}` });
    const test = this.#test(`keeps ${this.#text}`);
    await recording.nodes(cluster, "node1", "node2", "node3");
    this.#emit({ type: "step-started", step: "step1", name: "start it" });
    this.#emit({ type: "measure", name: "latency", value: 3, unit: "ms", node: "node2" });
    this.#pass(1000);
    this.#emit({ type: "step-ended", step: "step1", name: "start it", elapsed: 1000 });
    this.#emit({ type: "measure", name: "latency", value: 5, unit: "ms", node: "node2" });
    this.#emit({ type: "note", text: `now ${this.#text}` });
    const started = { node: "node1", process: "process7", command: COMMAND };
    this.#emit({ type: "command-started", ...started, pid: 4711, env: ["ETCD_TOKEN"] });
    const output = recording.process(cluster, "node1", 7);
    this.#pass(500);
    output.take(written(`\x1b[1;31mred\x1b[0m ${this.#text}\n\x1b]0;title\x07\x1b[2Jplain\n`));
    this.#pass(500);
    this.#fault("fault-injected");
    this.#pass(2000);
    output.take(written("lost the leader\n", { output: "stderr" }));
    this.#command("node2", 8, 3);
    this.#emit({ type: "node-down", node: "node3" });
    this.#pass(1000);
    test.end({ verdict: "failed", errors: [`AssertionError: not ${this.#text}`] });
    const told = { test: `keeps ${this.#text}`, verdict: "failed", elapsed: 5000 } as const;
    this.#emit({ type: "test-ended", ...told, error: "AssertionError" });
    this.#pass(1000);
    this.#fault("fault-healed");
    const end = { code: null, signal: "SIGKILL", elapsed: 5000, stdout: "", stderr: "" };
    this.#emit({ type: "command-ended", ...started, ...end });
    this.#emit({ type: "cluster-disposed", errors: [] });
    return recording.run.folder;
  }

  [Symbol.dispose](): void {
    this.#clock[Symbol.dispose]();
    this.recording[Symbol.dispose]();
  }

  #test(name: string): TestRecord {
    const test = new TestRecord({
      ...{ run: { id: "run1", owner: GONE }, name, dir: this.recording.dir },
      file: "/tests/store_test.ts",
      onTrouble: (message) => {
        throw new Error(message);
      },
    });
    test.hasCluster(this.#cluster);
    return test;
  }

  #command(node: string, number: number, code: number): void {
    const command = ["etcdctl", "get", this.#text];
    const process = `process${number}`;
    this.#emit({ type: "command-started", node, process, command, pid: 1 });
    const end = { code, signal: null, elapsed: 10, stdout: "", stderr: this.#text };
    this.#emit({ type: "command-ended", node, process, command, ...end });
  }

  #fault(type: "fault-healed" | "fault-injected"): void {
    this.#emit({
      ...{ type, fault: "fault9", action: "isolate node1 from node2", elapsed: 100 },
      proof: { checks: [], links: 2, checkedLinks: 2, elapsed: 50 },
    });
  }

  #emit(event: EventDetail): void {
    this.recording.emit(this.#cluster, event);
  }

  #pass(milliseconds: number): void {
    this.#clock.pass(milliseconds);
  }
}
