import type { ClusterEvent } from "../events/mod.ts";
import { eventText } from "./event_text.ts";
import { recordedEvents } from "./recorded_events.ts";
import { failureOf, type RecordedFailure } from "./recorded_failures.ts";
import { timeOfDay } from "./time_of_day.ts";
import type { UnfinishedCommand } from "./unfinished_commands.ts";

/** Failures that are kept: the latest. */
const MAX_FAILURES = 20;

/** Events that are kept, whatever they are: the latest. */
const MAX_LATEST = 5;

/** What the events of a cluster tell. */
export class ClusterStory {
  /** What failed: the latest. */
  readonly failures: RecordedFailure[] = [];
  /** The latest events, a line each. */
  readonly latest: string[] = [];
  readonly #unfinished = new Map<string, UnfinishedCommand>();
  #failureCount = 0;
  #damaged = 0;

  /** Reads the record in the folder of a cluster. */
  static read(folder: string): ClusterStory {
    const story = new ClusterStory();
    for (const event of recordedEvents(folder)) {
      if (event) story.#take(event);
      else story.#damaged++;
    }
    return story;
  }

  /** How many failures there were before those that are kept. */
  get earlierFailures(): number {
    return this.#failureCount - this.failures.length;
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
    const failure = failureOf(event);
    if (failure) {
      this.#failureCount++;
      keep(this.failures, failure, MAX_FAILURES);
    }
    keep(this.latest, `${timeOfDay(event.time)} ${eventText(event)}`, MAX_LATEST);
    if (event.type === "command-started") this.#unfinished.set(event.process, event);
    if (event.type === "command-ended") this.#unfinished.delete(event.process);
  }
}

function keep<T>(list: T[], item: T, limit: number): void {
  list.push(item);
  if (list.length > limit) list.shift();
}
