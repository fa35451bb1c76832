import type { EventStream } from "./event_stream.ts";
import type { ClusterEvent } from "./events.ts";

/** A command that was started and has not ended. */
export interface RunningCommand {
  readonly node: string;
  /** Unique in the cluster. */
  readonly process: string;
  readonly command: readonly string[];
  /** When it was started: milliseconds since the epoch. */
  readonly started: number;
}

/** What goes on in a cluster, as far as its events tell. Ends with the stream. */
export class ClusterActivity {
  readonly #commands = new Map<string, RunningCommand>();
  readonly #requested = new Set<string>();
  readonly #work = new Map<string, string>();

  constructor(events: EventStream) {
    events.subscribe((event) => this.#take(event));
  }

  /** The commands that run, in the order in which they were started. */
  get commands(): readonly RunningCommand[] {
    return [...this.#commands.values()];
  }

  /** The names of the nodes that were asked for, and are not there yet. */
  get requestedNodes(): readonly string[] {
    return [...this.#requested];
  }

  /** What else takes a while, as its progress names it. */
  get work(): readonly string[] {
    return [...this.#work.values()];
  }

  #take(event: ClusterEvent): void {
    switch (event.type) {
      case "command-started": {
        const { node, process, command, time: started } = event;
        this.#commands.set(process, { node, process, command, started });
        break;
      }
      case "command-ended":
        this.#commands.delete(event.process);
        break;
      case "nodes-requested":
        for (const name of event.names) this.#requested.add(name);
        break;
      case "nodes-failed":
        for (const name of event.names) this.#requested.delete(name);
        break;
      case "node-ready":
        this.#requested.delete(event.node);
        break;
      case "work-started":
      case "work-progress":
        this.#work.set(event.work, event.label);
        break;
      case "work-ended":
        this.#work.delete(event.work);
    }
  }
}
