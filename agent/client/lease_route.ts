import type { Transport } from "../wire/transport.ts";

/** A connection for heartbeats. */
export interface LeaseConnection {
  /** Sends a heartbeat, or a request. */
  send(text: string): void;
  /** Drops the connection. */
  terminate(): void;
}

/** Takes what the connections for heartbeats to one agent bring. */
export interface LeaseEvents {
  /** A connection was opened, which replaces the one before. */
  opened(connection: LeaseConnection): void;
  /** The connection has brought a message. */
  said(text: string): void;
  /** The connection is closed. */
  closed(connection: LeaseConnection): void;
}

/** How the thread that keeps leases reaches one agent. */
export interface LeaseRoute extends AsyncDisposable {
  /** Sees to it that there will be a connection for heartbeats, if that is for this side to do. */
  connect(): void;
  /** Opens a connection for a session of this thread's own; rejects when `signal` aborts. */
  dial(signal: AbortSignal): Promise<Transport>;
}
