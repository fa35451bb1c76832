import { startBackgroundTimer } from "../../background_timer.ts";
import { abortable } from "../abortable.ts";
import { ControlGroup } from "../control_group/control_group.ts";
import type { CallOptions, FollowMetricsOptions, HostMetrics, HostSample } from "../host.ts";
import type { OpenResources } from "../open_resources.ts";
import { containerUsage } from "./container_usage.ts";
import { loadOf, machineUsage, networkUsage } from "./machine_usage.ts";
import { ProcessTrees } from "./process_trees.ts";
import { type SystemConstants, systemConstants } from "./system_constants.ts";

/** What a sample may take of the time until the next one: half a percent of a core. */
const SHARE = 1 / 200;

/** Samples over which the average goes: one alone may take long on a busy machine. */
const WEIGHT = 8;

/** What is to be measured. */
export interface LocalMetricsOptions {
  /** Whether the machine is not the host's alone. */
  readonly sharesMachine: boolean;
  /** The numbers of the processes that were started and have not ended. */
  readonly started: () => readonly number[];
}

/** What a host uses of this machine. */
export class LocalMetrics implements HostMetrics {
  readonly #options: LocalMetricsOptions;
  readonly #resources: OpenResources;
  /** Made with the first sample: most programs that open a host take none. */
  #probe: UsageReader | undefined;

  constructor(options: LocalMetricsOptions, resources: OpenResources) {
    this.#options = options;
    this.#resources = resources;
  }

  sample({ signal }: CallOptions = {}): Promise<HostSample> {
    // deno-lint-ignore require-await -- what fails is to reject
    return abortable(signal, async () => {
      this.#resources.check();
      return this.#take({ isNow: true });
    });
  }

  follow(options: FollowMetricsOptions = {}): ReadableStream<readonly HostSample[]> {
    const followed = new FollowedSamples({
      ...options,
      take: () => this.#take({ isNow: false }),
      onClosed: () => this.#resources.delete(followed),
    });
    this.#resources.add(followed);
    return followed.samples;
  }

  #take(how: { readonly isNow: boolean }): HostSample {
    if (Deno.build.os !== "linux") {
      throw new Deno.errors.NotSupported(
        `Cannot measure the node: that is done on Linux, and it runs ${Deno.build.os}`,
      );
    }
    return (this.#probe ??= new UsageReader(this.#options)).sample(how);
  }
}

/** Reads the files of Linux that tell. */
class UsageReader {
  readonly #options: LocalMetricsOptions;
  readonly #constants: SystemConstants = systemConstants();
  readonly #trees = new ProcessTrees(this.#constants);
  readonly #group: ControlGroup | undefined;

  constructor(options: LocalMetricsOptions) {
    this.#options = options;
    this.#group = options.sharesMachine ? undefined : ControlGroup.ofContainer();
  }

  sample(how: { readonly isNow: boolean }): HostSample {
    const trees = this.#trees.look(this.#options.started(), how);
    const { processes, files, cpu, memory, read, written } = trees;
    const common = { time: Date.now(), files, load: loadOf(), processes };
    if (this.#options.sharesMachine) {
      const cores = navigator.hardwareConcurrency;
      return { ...common, scope: "processes", cores, cpu, memory, read, written };
    }
    const network = networkUsage();
    if (this.#group) {
      return { ...common, scope: "container", ...containerUsage(this.#group), ...network };
    }
    return { ...common, scope: "machine", ...machineUsage(this.#constants), ...network };
  }
}

/** What samples are taken with, again and again. */
interface FollowedSamplesOptions extends FollowMetricsOptions {
  readonly take: () => HostSample;
  readonly onClosed: () => void;
}

/** Samples for one reader. One is taken only while the reader waits for it. */
class FollowedSamples implements AsyncDisposable {
  readonly samples: ReadableStream<readonly HostSample[]>;
  readonly #options: FollowedSamplesOptions;
  #due = 0;
  /** Milliseconds that a sample takes, on a moving average. */
  #took = 0;
  #timer: Disposable | undefined;
  #wake = () => {};
  #isClosed = false;

  constructor(options: FollowedSamplesOptions) {
    this.#options = options;
    const { until } = options;
    until?.addEventListener("abort", () => this.#wake(), { once: true });
    this.samples = new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#close(),
    }, { highWaterMark: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await Promise.resolve();
  }

  async #pull(controller: ReadableStreamDefaultController<readonly HostSample[]>): Promise<void> {
    const { batch = 1, interval = 1_000, take } = this.#options;
    const samples: HostSample[] = [];
    while (samples.length < batch) {
      if (!this.#isLast) await this.#untilDue();
      if (this.#isClosed) break;
      const started = performance.now();
      samples.push(take());
      this.#took += (performance.now() - started - this.#took) / WEIGHT;
      this.#due = started + Math.max(interval, this.#took / SHARE);
      if (!this.#isLast) continue;
      this.#close();
      break;
    }
    if (samples.length > 0) controller.enqueue(samples);
    if (this.#isClosed) controller.close();
  }

  /** Whether the next sample is the last one, and is taken at once. */
  get #isLast(): boolean {
    return this.#isClosed || this.#options.until?.aborted === true;
  }

  async #untilDue(): Promise<void> {
    const left = this.#due - performance.now();
    if (left <= 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#timer = startBackgroundTimer(left, resolve);
    });
    this.#timer?.[Symbol.dispose]();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    this.#wake();
    this.#options.onClosed();
  }
}
