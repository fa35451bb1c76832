/**
 * The other side broke the protocol. The session is over; the message is the one line of reason that
 * it is told.
 */
export class ProtocolViolation extends Error {
  override readonly name = "ProtocolViolation";
}
