import { join } from "node:path";
import type { OutputRecord } from "../../../agent/host/host.ts";
import { EventStream } from "../../events/event_stream.ts";
import type { EventDetail } from "../../events/events.ts";
import type { ProcessIdentity } from "../../kit/mod.ts";
import { currentProcess } from "../../ownership/process_identity.ts";
import { ClusterRecord } from "../../record/cluster_record.ts";
import type { ProcessRecord } from "../../record/process_record.ts";
import type { TestEnd } from "../../record/run_index.ts";
import { TestRecord } from "../../record/test_record.ts";
import { findRun, type RecordedRun } from "../recorded_run.ts";

/** A process that has ended: its number was given to the first process of this machine. */
export const GONE: ProcessIdentity = { ...currentProcess(), pid: 1, start: "0" };

/** A folder in which a run is recorded, as by a process that has ended unless an owner is given. */
export class Recording implements Disposable {
  readonly dir: string = Deno.makeTempDirSync({ prefix: "clustertest-recording-" });
  readonly #stack = new DisposableStack();
  readonly #owner: ProcessIdentity;
  readonly #records = new Map<string, { events: EventStream; record: ClusterRecord }>();

  constructor(owner: ProcessIdentity = GONE) {
    this.#owner = owner;
    this.#stack.defer(() => Deno.removeSync(this.dir, { recursive: true }));
  }

  /** The record as it is read. */
  get run(): RecordedRun {
    return findRun(this.dir);
  }

  /** The folder of a cluster. */
  folderOf(cluster: string): string {
    return join(this.run.folder, `store-${cluster}`);
  }

  /** Records an event of a cluster, by its id. */
  emit(cluster: string, event: EventDetail): void {
    this.#cluster(cluster).events.emit(event);
  }

  /** Records nodes that are ready, and their end up in the index. */
  async nodes(cluster: string, ...names: string[]): Promise<void> {
    for (const node of names) {
      this.emit(cluster, { type: "node-ready", node, id: node, address: "127.0.0.1" });
    }
    // They are one change of the index, at the end of the turn.
    await Promise.resolve();
  }

  /** A process whose outputs are recorded. */
  process(cluster: string, node: string, number: number, command = "etcd"): ProcessRecord {
    const { record } = this.#cluster(cluster);
    return record.process({ node, number, command, outputs: ["stdout", "stderr"] });
  }

  /** Records a test that has ended. */
  test(name: string, end: Omit<TestEnd, "time">): void {
    const record = new TestRecord({
      ...{ run: { id: "run1", owner: this.#owner }, name, dir: this.dir },
      file: "/tests/store_test.ts",
      onTrouble: (message) => {
        throw new Error(message);
      },
    });
    record.end(end);
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }

  #cluster(id: string): { events: EventStream; record: ClusterRecord } {
    const found = this.#records.get(id);
    if (found) return found;
    const events = new EventStream(id);
    const record = this.#stack.use(
      new ClusterRecord(events, {
        ...{ run: { id: "run1", owner: this.#owner }, id, name: "store", dir: this.dir },
        backend: { name: "local", options: {} },
        outputs: { size: 64 * 1024 },
      }),
    );
    this.#records.set(id, { events, record });
    return { events, record };
  }
}

/** What a process writes, as its record takes it. */
export function written(
  text: string,
  { output = "stdout", missing = 0 }: Partial<Pick<OutputRecord, "output" | "missing">> = {},
): OutputRecord {
  return { key: 0, output, missing, bytes: new TextEncoder().encode(text), last: false };
}
