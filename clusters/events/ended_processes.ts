import { commandLine } from "./event_line.ts";
import type { ClusterEvent } from "./events.ts";
import { lastLines } from "./last_lines.ts";
import { plainText } from "./plain_line.ts";

/** The event of a type. */
type Of<T extends ClusterEvent["type"]> = Extract<ClusterEvent, { type: T }>;

/** Processes that are shown at most. */
const PROCESSES = 3;

/** A process that had ended, and not with code 0. */
interface FailedProcess {
  readonly process: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/** The processes of a test that have ended. Those that ended by themselves may be why the test failed. */
export class EndedProcesses {
  readonly #unasked = new LatestProcesses();
  readonly #asked = new LatestProcesses();
  /** Processes that the error of the test tells of itself. */
  readonly #known = new Set<string>();
  /** How often each node was killed until now, and until each running process was started. */
  readonly #kills = new Map<string, number>();
  readonly #killsAtStart = new Map<string, number>();
  #succeeded = 0;

  /** Notes what happened. */
  take(event: ClusterEvent): void {
    switch (event.type) {
      case "node-down":
        this.#kills.set(event.node, this.#killsOf(event.node) + 1);
        break;
      case "command-started":
        this.#killsAtStart.set(event.process, this.#killsOf(event.node));
        break;
      case "command-ended":
        this.#add(event);
        break;
      case "essential-process-ended":
        this.#known.add(event.process);
        this.#unasked.remove(event.process);
    }
  }

  /** Forgets those that have ended. */
  forget(): void {
    this.#unasked.forget();
    this.#asked.forget();
    this.#succeeded = 0;
  }

  /** Lines about at most as many processes, those that nobody ended first. */
  lines(count: number = PROCESSES): string[] {
    const shown = this.#shown(count);
    return [...shown.unasked, ...shown.asked].flatMap(({ title, lines }) => [
      title,
      ...lines.map((line) => `  | ${line}`),
    ]);
  }

  /** What is to be said of those that {@linkcode lines} leaves out. */
  rest(count: number = PROCESSES): string[] {
    const { unasked, asked } = this.#shown(count);
    const failed = this.#unasked.count - unasked.length;
    const ended = this.#asked.count - asked.length;
    return [
      ...failed > 0 ? [`${failed}${unasked.length > 0 ? " before them" : ""} had failed`] : [],
      ...ended > 0 ? [`${processes(ended, "other")} had been ended by the test`] : [],
      ...this.#succeeded > 0
        ? [`${processes(this.#succeeded, "other")} had ended with code 0`]
        : [],
    ];
  }

  #shown(count: number): Record<"unasked" | "asked", readonly FailedProcess[]> {
    const unasked = this.#unasked.latest(count);
    return { unasked, asked: this.#asked.latest(count - unasked.length) };
  }

  #killsOf(node: string): number {
    return this.#kills.get(node) ?? 0;
  }

  #add(event: Of<"command-ended">): void {
    const { node, process, code, signal, requested } = event;
    const killsBefore = this.#killsAtStart.get(process) ?? this.#killsOf(node);
    this.#killsAtStart.delete(process);
    if (code === 0 && signal === null) {
      this.#succeeded++;
      return;
    }
    if (this.#known.has(process)) return;
    const wasKilled = this.#killsOf(node) > killsBefore;
    const among = wasKilled || requested ? this.#asked : this.#unasked;
    among.add(endedProcess(event, { wasKilled }));
  }
}

/** The latest of some processes, and how many there were. */
class LatestProcesses {
  count = 0;
  #latest: FailedProcess[] = [];

  add(process: FailedProcess): void {
    this.count++;
    this.#latest = [...this.#latest, process].slice(-PROCESSES);
  }

  remove(process: string): void {
    const others = this.#latest.filter((each) => each.process !== process);
    this.count -= this.#latest.length - others.length;
    this.#latest = others;
  }

  forget(): void {
    this.count = 0;
    this.#latest = [];
  }

  latest(count: number): readonly FailedProcess[] {
    return this.#latest.slice(Math.max(0, this.#latest.length - count));
  }
}

/** `wasKilled`: the test has killed its node. */
function endedProcess(
  event: Of<"command-ended">,
  { wasKilled }: { readonly wasKilled: boolean },
): FailedProcess {
  const { node, process, command, elapsed, stdout, stderr, requested } = event;
  const time = `after ${(elapsed / 1000).toFixed(1)} s`;
  const asked = requested ? ", as the test asked" : "";
  const how = wasKilled
    ? `ended ${time}, when the test killed ${node}`
    : `had ended ${statusOf(event)} ${time}${asked}`;
  const title = `${node}: ${commandLine(command)} ${how}`;
  const lines = firstAndLast(stderr.trim() === "" ? stdout : stderr);
  return { process, title: plainText(title), lines };
}

function statusOf({ code, signal }: Of<"command-ended">): string {
  return signal === null ? `with code ${code ?? "unknown"}` : `by ${signal}`;
}

/** The first line of an output, since a usage text may follow the error, and the last one. */
function firstAndLast(output: string): string[] {
  const lines = lastLines(output);
  return lines.length <= 2 ? lines : [lines[0]!, `… ${lines.at(-1)}`];
}

function processes(count: number, which: string): string {
  return `${count} ${which} process${count === 1 ? "" : "es"}`;
}
