import type { Transport } from "../wire/transport.ts";

/** A connection for heartbeats. */
export interface LeaseConnection {
  /** Sends a heartbeat, or a request. */
  send(text: string): void;
  /** Drops it. */
  terminate(): void;
}

/** Takes what the connections for heartbeats to one agent bring. */
export interface LeaseEvents {
  /** There is a new one, which replaces the one before. */
  opened(connection: LeaseConnection): void;
  /** It has brought this. */
  said(text: string): void;
  /** It is gone. */
  closed(connection: LeaseConnection): void;
}

/** How the thread that keeps leases reaches one agent. */
export interface LeaseRoute extends AsyncDisposable {
  /** Sees to it that there will be a connection for heartbeats, if that is for this side to do. */
  connect(): void;
  /** Opens a connection for a session of this thread's own; rejects when `signal` aborts. */
  dial(signal: AbortSignal): Promise<Transport>;
}
