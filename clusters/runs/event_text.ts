import { type ClusterEvent, eventLine, isOngoing } from "../events/mod.ts";

/** A line about an event of a record, which may be damaged, or of a version that knows more of them. */
export function eventText(event: ClusterEvent): string {
  try {
    if (!isOngoing(event)) return eventLine(event);
    const failure = event.type === "work-ended" && event.error ? ` failed: ${event.error}` : "";
    return `${event.label}${failure}`;
  } catch {
    return `${event.type} (this version of clustertest cannot tell more)`;
  }
}
