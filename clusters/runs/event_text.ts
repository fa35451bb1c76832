import { type ClusterEvent, eventLine, isOngoing } from "../events/mod.ts";

/** A line about an event of a record, which may be damaged, or of a version that knows more of them. */
export function eventText(event: ClusterEvent): string {
  try {
    if (!isOngoing(event)) return eventLine(event);
    if (event.type !== "work-ended") return event.label;
    return event.error
      ? `${event.label} failed: ${event.error}`
      : `${event.label}: done after ${event.elapsed.toFixed(1)} ms`;
  } catch {
    return `${event.type} (this version of clustertest cannot tell more)`;
  }
}
