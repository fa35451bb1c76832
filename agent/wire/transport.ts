/** How a connection ended. */
export interface TransportEnd {
  /** As the other side said it; 1006 when it said nothing. */
  readonly code: number;
  readonly reason: string;
}

/** Takes what a transport brings. */
export interface TransportReceiver {
  packet(bytes: Uint8Array<ArrayBuffer>): void;
  /** Bytes have come, of which a packet may be made later. */
  heard(): void;
  /** What came is no packet; the reason says why. */
  violated(reason: string): void;
  /** The connection is closed for good. Called once, last. */
  closed(end: TransportEnd): void;
}

/**
 * A connection that carries packets whole and in order. All that a session knows of how it is
 * connected: the packets are those of a WebSocket, or of a byte stream with a prefix before each.
 */
export interface Transport {
  /** Takes what comes from now on. To be set in the turn in which the transport was made. */
  receiver: TransportReceiver;
  /** Sends a packet, which must not change until `sent` is called: it was sent, or never will be. */
  send(packet: Uint8Array<ArrayBuffer>, sent: (error?: unknown) => void): void;
  /** Asks the other side for a sign of life. */
  ping(): void;
  /** Gives the other side a sign of life, unasked. */
  pong(): void;
  /** Says why it ends, behind what was sent, and ends once the other side has answered. */
  close(code: number, reason: string): void;
  /** Drops the connection. */
  terminate(): void;
}

/** Bytes of the longest reason: a WebSocket has no room for more. */
export const MAX_REASON = 123;

/** The code of a connection that ended without a word. */
export const NO_CODE = 1006;

/** Ignores all that comes: of a transport that nobody uses, or part of a receiver that takes less. */
export const NO_OP_RECEIVER: TransportReceiver = {
  packet: () => {},
  heard: () => {},
  violated: () => {},
  closed: () => {},
};
