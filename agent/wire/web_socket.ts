/**
 * The settings that WebSockets of a session need, on each side.
 *
 * @module
 */
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import { MAX_PACKET } from "./protocol.ts";

export { WebSocket };

/** For a `WebSocketServer`, together with what says where it listens. */
export const SERVER_SOCKET: { readonly perMessageDeflate: false; readonly maxPayload: number } = {
  perMessageDeflate: false,
  maxPayload: MAX_PACKET,
};

/**
 * For a `WebSocket` of the runner. Masking protects proxies from scripts in browsers; within TLS it
 * protects nothing and costs half of an upload's speed, and `ws` skips it when the mask is zero.
 */
export const CLIENT_SOCKET: {
  readonly perMessageDeflate: false;
  readonly maxPayload: number;
  readonly generateMask: (mask: Uint8Array) => void;
} = {
  perMessageDeflate: false,
  maxPayload: MAX_PACKET,
  generateMask: (mask) => mask.fill(0),
};
