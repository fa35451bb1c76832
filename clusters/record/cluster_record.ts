import { basename, dirname, join } from "node:path";
import type { HostSample } from "../../agent/host/host.ts";
import type { ClusterEvent, EventStream, WrittenPart } from "../events/mod.ts";
import type { RunIdentity } from "../kit/mod.ts";
import { METRICS_FOLDER, MetricsFile } from "./metrics_file.ts";
import { OutputFile } from "./output_file.ts";
import { checkedLimits, type OutputLimits } from "./output_limits.ts";
import { type OutputTime, TIMES_FILE } from "./output_times.ts";
import { ProcessRecord } from "./process_record.ts";
import type { ClusterEntry } from "./run_index.ts";
import { changeIndex, openRunFolder } from "./runs_folder.ts";

/** Characters of each output of a command that an event in the record keeps. */
const MAX_TEXT = 64 * 1024;

/** Characters of a command that the names of its files have. */
const MAX_NAME = 40;

/** Whose record it is. */
export interface ClusterRecordOptions {
  readonly run: RunIdentity;
  readonly id: string;
  /** The cluster's. */
  readonly name: string;
  readonly backend: ClusterEntry["backend"];
  /** What is recorded of what processes write. */
  readonly outputs?: OutputLimits | undefined;
  /** Takes what processes write, as it comes, whether or not it can be recorded. */
  readonly onOutput?: ((part: WrittenPart) => void) | undefined;
  /** The folder below which records are kept. @default the current one */
  readonly dir?: string | undefined;
}

/** A process whose outputs are to be recorded. */
export interface RecordedCommand {
  readonly node: string;
  /** Unique in the cluster; as in its events. */
  readonly number: number;
  readonly command: string;
  /** The outputs that are recorded. */
  readonly outputs: readonly ("stdout" | "stderr")[];
}

/**
 * Writes what happens in a cluster into the folder of the invocation, until it is disposed:
 *
 * - `run.json`, an index of the invocation ({@linkcode RunIndex});
 * - `<cluster>/events.jsonl`, each event as a line of JSON;
 * - `<cluster>/output/<node>/<number>-<command>.stdout` and `.stderr`;
 * - `<cluster>/output.jsonl`, when that was written;
 * - `<cluster>/metrics/<node>.jsonl`, what the node used.
 *
 * All of it is there as soon as it happened, so that a runner that is killed leaves its record.
 * Nothing is made as long as nothing happens. A folder that cannot be written to is one warning, and
 * harms nothing.
 */
export class ClusterRecord implements Disposable {
  /** What is recorded of what processes write. */
  readonly limits: Required<OutputLimits>;
  readonly #events: EventStream;
  readonly #options: ClusterRecordOptions;
  readonly #subscription: Disposable;
  #folder: { readonly run: string; readonly cluster: string } | undefined;
  #file: Deno.FsFile | undefined;
  #times: Deno.FsFile | undefined;
  #hasFailed = false;
  #isOver = false;
  /** Those whose outputs may go on, by their numbers. */
  readonly #processes = new Map<number, ProcessRecord>();
  /** What each node uses, by its name. */
  readonly #metrics = new Map<string, MetricsFile>();
  /** Numbers of processes, by their node and their number there. */
  readonly #numbers = new Map<string, number>();
  /** Nodes that the index does not know of yet. */
  #newNodes: ClusterEntry["nodes"] = [];

  constructor(events: EventStream, options: ClusterRecordOptions) {
    this.limits = checkedLimits(options.outputs);
    this.#events = events;
    this.#options = options;
    this.#subscription = events.subscribe((event) => this.#attempt(() => this.#take(event)));
  }

  /** The record of one process. Its files are made when it writes something. */
  process({ outputs, ...command }: RecordedCommand): ProcessRecord {
    const { node, number } = command;
    const about = { node, number, command: fileNamePart(command.command) };
    const record = new ProcessRecord({
      outputs,
      onPart: (part) => this.#options.onOutput?.({ ...part, ...about }),
      rate: this.limits.rate,
      file: (output) => this.#attempt(() => this.#outputFile(command, output)),
      note: (output, time, offset) => {
        this.#attempt(() => this.#note([time, node, number, output, offset]));
      },
      fail: (error) => this.#fail(error),
    });
    this.#processes.set(number, record);
    record.complete.then(() => this.#processes.delete(number));
    return record;
  }

  /** Records what a node uses. */
  takeMetrics(node: string, sample: HostSample): void {
    if (!this.#isOver) this.#attempt(() => this.#metricsOf(node).take(sample));
  }

  /** What a process that runs has written last, as far as that has come. */
  tailOf(number: number, output: "stdout" | "stderr"): string {
    return this.#processes.get(number)?.tail(output) ?? "";
  }

  /** The folder of the cluster, below that of the run; `undefined` when nothing is recorded. */
  get folder(): string | undefined {
    return this.#hasFailed ? undefined : this.#folder?.cluster;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#subscription[Symbol.dispose]();
    this.#file?.close();
    this.#file = undefined;
    this.#times?.close();
    this.#times = undefined;
  }

  #attempt<T>(work: () => T): T | undefined {
    if (this.#hasFailed) return undefined;
    try {
      return work();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** After an event that could not be recorded, nothing is: later ones would mislead without it. */
  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this[Symbol.dispose]();
    this.#events.emit({ type: "warning", message: `Cannot record the run: ${error}` });
  }

  #take(event: ClusterEvent): void {
    const { cluster } = this.#folder ??= this.#open();
    this.#file ??= openForLines(join(cluster, "events.jsonl"));
    writeLine(this.#file, event);
    if (event.type === "node-ready") {
      this.#metrics.get(event.node)?.beginAnew();
      this.#openTimes(cluster);
      this.#addNode(event);
    }
    if (event.type === "command-started") {
      this.#numbers.set(`${event.node}/${event.pid}`, Number(event.process.replace(/\D/g, "")));
    }
    if (event.type === "fault-injected" && event.seed !== undefined) {
      const { fault, action, seed } = event;
      this.#changeEntry((entry) => ({
        ...entry,
        seeds: [...entry.seeds ?? [], { fault, action, seed }],
      }));
    }
    if (event.type === "node-clock") this.#metricsOf(event.node).setClock(event);
    if (event.type === "cluster-disposed") this.#end(event.errors);
  }

  /** What comes after the end is in its file, without its time. */
  #note(time: OutputTime): void {
    if (!this.#isOver && this.#folder) writeLine(this.#openTimes(this.#folder.cluster), time);
  }

  /** Opened with the first node: sanitizers would hold the first test responsible that starts something. */
  #openTimes(cluster: string): Deno.FsFile {
    return this.#times ??= openForLines(join(cluster, TIMES_FILE));
  }

  #open(): { run: string; cluster: string } {
    const { run: { id: run, owner }, id, name, backend, dir = Deno.cwd() } = this.#options;
    const folder = openRunFolder(dir, owner);
    const entry: ClusterEntry = {
      id,
      name,
      folder: `${name}-${id}`,
      run,
      backend,
      started: Date.now(),
      nodes: [],
    };
    changeIndex(folder, (index) => ({ ...index, clusters: [...index.clusters, entry] }));
    const cluster = join(folder, entry.folder);
    Deno.mkdirSync(cluster, { recursive: true });
    return { run: folder, cluster };
  }

  /** Nodes that are ready in one turn are one change of the index. */
  #addNode(
    { node: name, id, address, member, options }: ClusterEvent & { type: "node-ready" },
  ): void {
    if (this.#newNodes.length === 0) {
      queueMicrotask(() =>
        this.#attempt(() => this.#changeEntry((entry) => this.#withNodes(entry)))
      );
    }
    const about = { ...member !== undefined && { member }, ...options && { options } };
    this.#newNodes = [...this.#newNodes, { name, id, address, ...about }];
  }

  #withNodes(entry: ClusterEntry): ClusterEntry {
    const added = this.#newNodes;
    this.#newNodes = [];
    return { ...entry, nodes: [...entry.nodes, ...added] };
  }

  #end(errors: readonly string[]): void {
    const end = { how: "disposed", time: Date.now(), errors } as const;
    this.#changeEntry((entry) => ({ ...this.#withNodes(entry), end }));
  }

  #changeEntry(change: (entry: ClusterEntry) => ClusterEntry): void {
    const { run } = this.#folder!;
    changeIndex(run, (index) => ({
      ...index,
      clusters: index.clusters.map((entry) =>
        entry.id === this.#options.id ? change(entry) : entry
      ),
    }));
  }

  #metricsOf(node: string): MetricsFile {
    const known = this.#metrics.get(node);
    if (known) return known;
    const { cluster } = this.#folder ??= this.#open();
    const path = join(cluster, METRICS_FOLDER, `${node}.jsonl`);
    const file = new MetricsFile({
      // Not kept open: there may be thousands of them.
      append: (text) => appendText(path, text),
      numberOf: (pid) => this.#numbers.get(`${node}/${pid}`),
    });
    this.#metrics.set(node, file);
    return file;
  }

  #outputFile(
    { node, number, command }: Omit<RecordedCommand, "outputs">,
    output: string,
  ): OutputFile {
    const { cluster } = this.#folder ??= this.#open();
    const folder = join(cluster, "output", node);
    Deno.mkdirSync(folder, { recursive: true });
    const path = join(folder, `${number}-${fileNamePart(command)}.${output}`);
    return new OutputFile(path, this.limits.size / 2);
  }
}

/** What is left of a command in the name of a file. */
function fileNamePart(command: string): string {
  return basename(command).replaceAll(/[^\w.-]+/g, "_").slice(0, MAX_NAME);
}

function appendText(path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text, { append: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text, { append: true });
  }
}

function openForLines(path: string): Deno.FsFile {
  return Deno.openSync(path, { append: true, create: true });
}

function writeLine(file: Deno.FsFile, content: ClusterEvent | OutputTime): void {
  const line = JSON.stringify(content, (_, value) => {
    if (typeof value !== "string" || value.length <= MAX_TEXT) return value;
    return `…${value.slice(-MAX_TEXT)}`;
  });
  let rest = new TextEncoder().encode(`${line}\n`);
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}
