import type { Host } from "../host/host.ts";
import type { OfferedNode } from "./shell_frames.ts";

/** A node whose shells are served. */
export interface ServedNode extends OfferedNode {
  /** The variables that its author has given it. */
  readonly env: Readonly<Record<string, string>>;
  /** Reaches it. What it resolves to is disposed of with the shell that it is for. */
  readonly open: (signal: AbortSignal) => Promise<Host>;
}
