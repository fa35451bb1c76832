import { join } from "node:path";
import type { ClusterEvent } from "../events/mod.ts";
import { fileLines } from "./file_lines.ts";
import { jsonOf } from "./json_of.ts";

/** The events in the record of a cluster; `undefined` stands for a line that cannot be read. */
export function* recordedEvents(
  folder: string,
): Generator<ClusterEvent | undefined, void, undefined> {
  for (const { bytes } of fileLines(join(folder, "events.jsonl"))) {
    const event = jsonOf(bytes);
    yield isEvent(event) ? event : undefined;
  }
}

function isEvent(value: unknown): value is ClusterEvent {
  const { type, time } = (value ?? {}) as Partial<ClusterEvent>;
  return typeof type === "string" && Number.isFinite(time);
}
