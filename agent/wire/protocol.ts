/**
 * The numbers of the protocol, as `agent/PROTOCOL.md` has them.
 *
 * @module
 */

/** Changes with every change that the other side has to know of. */
export const PROTOCOL_VERSION: number = 1;

/** Bytes of the largest packet: a WebSocket message. Sockets refuse more (`maxPayload`). */
export const MAX_PACKET: number = 4 * 1024 * 1024;

/** Bytes of the largest DATA payload. */
export const MAX_DATA: number = 256 * 1024;

/** Bytes of a frame's header. */
export const FRAME_HEADER_SIZE: number = 10;

/** Bytes of a packet that is filled with one DATA frame. Measured: larger and smaller ones are slower. */
export const PACKET_SIZE: number = MAX_DATA + FRAME_HEADER_SIZE;

/** Bytes that one of several waiting streams may send before it is the next one's turn. */
export const TURN: number = 64 * 1024;

/** Bytes that may wait in a socket. */
export const MAX_IN_SOCKET: number = 512 * 1024;

/** Bytes waiting for acknowledgement above which DATA is held back. */
export const MAX_UNACKNOWLEDGED: number = 8 * 1024 * 1024;

/** Bytes waiting to be sent or acknowledged above which a session is given up. */
export const MAX_BACKLOG: number = 24 * 1024 * 1024;

/** Packets after which an ACK is due at once. */
export const ACK_PACKETS: number = 32;

/** Bytes after which an ACK is due at once. */
export const ACK_BYTES: number = 1024 * 1024;

/** Milliseconds after which an ACK is due in any case. */
export const ACK_DELAY: number = 100;

/** Bytes that stream 0 may carry before the agent has granted any. */
export const INITIAL_CREDIT: number = 64 * 1024;

/** Bytes that a stream may have in flight once its reader has shown that it reads. */
export const MAX_WINDOW: number = 4 * 1024 * 1024;

/** Channels that a session may have at a time. */
export const MAX_CHANNELS: number = 10_000;

/** Bytes of frames waiting to be sent above which a runner opens no more channels. */
export const MAX_OPENS: number = 1024 * 1024;

/** Milliseconds within which a new connection says HELLO. */
export const HELLO_TIMEOUT: number = 10_000;

/** Bytes of the longest heartbeat. */
export const MAX_HEARTBEAT: number = 64;

/** What a runner says on a lease connection through a socket to be called for one more session. */
export const SESSION_REQUEST = "session";

/** The names of a runner's sockets, in the folder that its agent knows. */
export const SocketName = { lease: "lease", session: "session" } as const;

/** The name of one of a runner's sockets. */
export type SocketName = typeof SocketName[keyof typeof SocketName];

/** Characters of the longest path or name. */
export const MAX_PATH: number = 32_768;

/** Codes with which a WebSocket of a session is closed. */
export const CloseCode = {
  done: 1000,
  violation: 4000,
  version: 4001,
  unknownSession: 4002,
  tooManySessions: 4003,
  replaced: 4004,
  ended: 4005,
} as const;

/** A bit for each stream of an operation: stream 0 goes to the agent, 1 and 2 to the runner. */
const TO_AGENT = 0b001;
const TO_RUNNER = 0b010;
const TO_RUNNER_2 = 0b100;

/** The streams of those operations that have any: bit n stands for stream n. */
export const OPERATION_STREAMS: Readonly<Record<string, number>> = {
  list: TO_RUNNER,
  read: TO_RUNNER,
  readTree: TO_RUNNER,
  write: TO_AGENT,
  writeTree: TO_AGENT,
  open: TO_AGENT | TO_RUNNER,
  start: TO_AGENT | TO_RUNNER | TO_RUNNER_2,
  follow: TO_RUNNER,
  followMetrics: TO_RUNNER,
  log: TO_RUNNER | TO_RUNNER_2,
  dial: TO_AGENT | TO_RUNNER,
  accept: TO_AGENT | TO_RUNNER,
};
