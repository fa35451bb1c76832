import type { KnownAgent } from "./agent_tls.ts";

/** What the thread that sends heartbeats is told. */
export type HeartbeatCommand =
  | {
    readonly type: "begin";
    /** Milliseconds between two heartbeats to one agent. */
    readonly interval: number;
    readonly certificate: string;
    readonly privateKey: string;
  }
  | { readonly type: "add"; readonly node: string; readonly agent: KnownAgent }
  | { readonly type: "remove"; readonly node: string };

/** A node's clock minus this one, in milliseconds. */
export interface ClockReading {
  readonly node: string;
  readonly offset: number;
}

/** What it says. */
export type HeartbeatReport =
  | ClockReading & { readonly type: "clock" }
  /** Something threw that nobody caught. */
  | { readonly type: "failure"; readonly message: string };
