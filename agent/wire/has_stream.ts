import type { OutputMode } from "../host/host.ts";

/** Whether an output of a process crosses the wire as a stream of its channel. */
export function hasStream(mode: OutputMode = "log"): boolean {
  return mode === "log" || mode === "piped";
}
