import type { ClusterEvent } from "../events/mod.ts";
import type { LinkedThing } from "./time_html.ts";

/** The thing of the time line that an event is the beginning or the end of, or else its mark. */
export function eventThing(event: ClusterEvent): LinkedThing {
  const node = "node" in event && typeof event.node === "string" ? event.node : "";
  const kind = KINDS[event.type];
  if (kind !== "process") return { node, ...kind !== undefined && { kind } };
  const process = "process" in event ? Number(String(event.process).replace(/\D+/g, "")) : NaN;
  return { node, ...Number.isFinite(process) && { process } };
}

/** What is no mark, by the types of its events. What is measured is neither. */
const KINDS: Readonly<Partial<Record<ClusterEvent["type"], LinkedThing["kind"]>>> = {
  ...{ "test-started": "test", "test-ended": "test" },
  ...{ "command-started": "process", "command-ended": "process" },
  ...{ "wait-started": "wait", "wait-ended": "wait" },
  ...{ "tunnel-opened": "tunnel", "tunnel-closed": "tunnel" },
  ...{ "work-started": "work", "work-ended": "work" },
  ...{ "step-started": "step", "step-ended": "step" },
  ...{ "fault-injected": "fault", "fault-healed": "fault" },
  ...{ "node-down": "down", "node-up": "down", "node-lost": "down" },
  ...{ "node-paused": "paused", "node-resumed": "paused" },
  ...{ "node-killed": "action", "node-started": "action", "node-restarted": "action" },
  ...{ "content-moved": "transfer", "note": "mark", "node-ready": "mark", "warning": "mark" },
};
