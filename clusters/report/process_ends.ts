import { endFacts, type Of } from "./event_facts.ts";
import { GIVEN_BACK, type ReportFact, type SpanState } from "./report_data.ts";
import type { ClusterEvent } from "../events/mod.ts";

/** Judges how the processes of a cluster ended: by themselves, by the test, or with their cluster. */
export class ProcessEnds {
  /** How often each node was killed, and had been when a process was started. */
  readonly #kills = new Map<string, number>();
  readonly #killsAtStart = new Map<string, number>();
  /** Tests that go on, and whether there was one. */
  #tests = 0;
  #hadTest = false;

  /** Whether no test goes on any more: what ends now is ended with its cluster. */
  get isTeardown(): boolean {
    return this.#hadTest && this.#tests === 0;
  }

  /** Notes what happened. */
  take(event: ClusterEvent): void {
    if (event.type === "test-started") [this.#tests, this.#hadTest] = [this.#tests + 1, true];
    if (event.type === "test-ended") this.#tests = Math.max(0, this.#tests - 1);
    if (event.type === "node-down") this.#kills.set(event.node, this.#killsOf(event.node) + 1);
    if (event.type === "command-started") {
      this.#killsAtStart.set(event.process, this.#killsOf(event.node));
    }
  }

  /** How a process ended. */
  judge(event: Of<"command-ended">): { readonly state: SpanState; readonly facts: ReportFact[] } {
    const { node, process, code, signal, requested } = event;
    const before = this.#killsAtStart.get(process);
    this.#killsAtStart.delete(process);
    const facts = endFacts(event);
    if (code === 0 && !signal) return { state: "ok", facts };
    if (before !== undefined && this.#killsOf(node) > before) {
      return { state: "asked", facts: [...facts, ["why", "the test has killed its node"]] };
    }
    if (requested) {
      return { state: "asked", facts: [...facts, ["why", "the test has asked for it"]] };
    }
    if (!this.isTeardown) return { state: "failed", facts };
    // Of a process whose node is removed nobody learns the code.
    const known = code === null && !signal ? facts.filter(([name]) => name !== "ended") : facts;
    return { state: "asked", facts: [...known, ["why", GIVEN_BACK]] };
  }

  #killsOf(node: string): number {
    return this.#kills.get(node) ?? 0;
  }
}
