import type { ClusterEvent } from "../events/mod.ts";
import { eventText } from "./event_text.ts";
import { inOrder } from "./in_order.ts";
import { recordedEvents } from "./recorded_events.ts";
import { isAbortedTunnel, type RecordedFailure, recordedFailure } from "./recorded_failures.ts";
import { timeOfDay } from "./time_of_day.ts";
import type { ToldErrors } from "./told_errors.ts";
import type { UnfinishedCommand } from "./unfinished_commands.ts";

/** Failures that are kept, and as many steps of the test: the latest. */
const MAX_FAILURES = 20;

/** Events that are kept, whatever they are: the latest. */
const MAX_LATEST = 5;

/** What a test does to its nodes on purpose. */
const STEPS: ReadonlySet<ClusterEvent["type"]> = new Set<ClusterEvent["type"]>([
  ...["node-down", "node-up", "node-killed", "node-started", "node-paused"] as const,
  ...["process-paused", "process-resumed"] as const,
  ...["node-resumed", "node-restarted", "node-stopped", "fault-injected", "fault-healed"] as const,
  ...["note", "step-started", "step-ended"] as const,
]);

/** What ends with a cluster, in whatever way: after the verdict of the test that is no failure. */
const ENDED_WITH_CLUSTER: ReadonlySet<ClusterEvent["type"]> = new Set<ClusterEvent["type"]>([
  ...["command-ended", "essential-process-ended", "wait-ended"] as const,
  ...["content-moved", "tunnel-closed"] as const,
]);

/** What the events of a cluster tell. */
export class ClusterStory {
  /** The latest events, a line each. */
  readonly latest: string[] = [];
  readonly #unfinished = new Map<string, UnfinishedCommand>();
  readonly #failures: RecordedFailure[] = [];
  readonly #steps: RecordedFailure[] = [];
  #failureCount = 0;
  /** Tests that go on, and whether there was one. */
  #tests = 0;
  #hadTest = false;
  #damaged = 0;

  /** Reads the record in the folder of a cluster. Errors that were `told` already are not repeated. */
  static read(folder: string, told: ToldErrors): ClusterStory {
    const story = new ClusterStory();
    for (const event of recordedEvents(folder)) {
      if (event) story.#take(told.shorten(event));
      else story.#damaged++;
    }
    return story;
  }

  /** What failed, and what the test did to its nodes: the latest, in order of time. */
  get entries(): readonly RecordedFailure[] {
    return [...inOrder([this.#steps, this.#failures])];
  }

  /** How many failures there were before those that are kept. */
  get earlierFailures(): number {
    return this.#failureCount - this.#failures.length;
  }

  /** How many lines cannot be read. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Commands of which no end is recorded. */
  get unfinished(): readonly UnfinishedCommand[] {
    return [...this.#unfinished.values()];
  }

  #take(event: ClusterEvent): void {
    const isTeardown = this.#hadTest && this.#tests === 0;
    const failure = isTeardown && ENDED_WITH_CLUSTER.has(event.type)
      ? undefined
      : recordedFailure(event);
    const text = eventText(event);
    if (failure) {
      this.#failureCount++;
      keep(this.#failures, failure, MAX_FAILURES);
    } else if (!isTeardown && STEPS.has(event.type)) {
      keep(this.#steps, { time: event.time, lines: [text] }, MAX_FAILURES);
    }
    if (!isAbortedTunnel(event)) keep(this.latest, `${timeOfDay(event.time)} ${text}`, MAX_LATEST);
    this.#follow(event);
  }

  #follow(event: ClusterEvent): void {
    if (event.type === "command-started") this.#unfinished.set(event.process, event);
    if (event.type === "command-ended") this.#unfinished.delete(event.process);
    if (event.type === "test-started") [this.#tests, this.#hadTest] = [this.#tests + 1, true];
    if (event.type === "test-ended") this.#tests = Math.max(0, this.#tests - 1);
  }
}

function keep<T>(list: T[], item: T, limit: number): void {
  list.push(item);
  if (list.length > limit) list.shift();
}
