import { Deadline } from "../../agent/deadline.ts";
import type { NodePlan } from "./launch_context.ts";
import type { Pod } from "./pod.ts";
import { hopeless, isScheduled, unscheduled } from "./pod_state.ts";
import type { PodWatch } from "./pod_watch.ts";

/** Milliseconds for which a pod may find no machine, unless the options say otherwise. */
const SCHEDULE_TIMEOUT = 10_000;

/** What is waited for. */
interface Progress {
  readonly plan: Pick<NodePlan, "podName" | "options">;
  readonly found: (pod: Pod) => boolean;
}

/** Waits until a pod is as `found` wants it; rejects as soon as it is known that it never will be. */
export async function untilPod(
  watch: PodWatch,
  { plan: { podName, options }, found }: Progress,
  signal: AbortSignal,
): Promise<Pod> {
  return await watch.until(podName, (pod) => {
    const reason = hopeless(pod, options.memory);
    if (reason !== undefined) throw new Error(reason);
    return pod !== undefined && pod !== "gone" && found(pod) ? pod : undefined;
  }, signal);
}

/** Waits until there is a machine for a pod; rejects with what the scheduler says if that takes too long. */
export async function awaitSchedule(
  watch: PodWatch,
  plan: Pick<NodePlan, "podName" | "options">,
  signal: AbortSignal,
): Promise<void> {
  const { podName, options: { scheduleTimeout = SCHEDULE_TIMEOUT } } = plan;
  const late = () => notScheduled(unscheduled(watch.look(podName)), scheduleTimeout);
  using deadline = new Deadline(scheduleTimeout, [signal], late);
  await untilPod(watch, { plan, found: isScheduled }, deadline.signal);
}

function notScheduled(message: string | undefined, timeout: number): Error {
  const why = message?.replace(/\.$/, "") ??
    "the scheduler says nothing of it; see whether there is one that runs";
  return new Error(
    `no machine was found for its pod within ${
      timeout / 1000
    } s: ${why}. Where machines are added ` +
      `when they are needed, say kubernetes({ scheduleTimeout })`,
  );
}

/** Aborts when a pod turns out to be one that will never run. */
export class HopelessPod implements Disposable {
  readonly #over = new AbortController();
  readonly #watching = new AbortController();

  constructor(watch: PodWatch, plan: Pick<NodePlan, "podName" | "options">) {
    untilPod(watch, { plan, found: () => false }, this.#watching.signal).catch((error) => {
      if (!this.#watching.signal.aborted) this.#over.abort(error);
    });
  }

  /** Its reason says why. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  [Symbol.dispose](): void {
    this.#watching.abort();
  }
}
