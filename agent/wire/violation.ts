/**
 * The other side broke the protocol. The session is over; the message is the one line of reason that
 * the other side gets.
 */
export class ProtocolViolation extends Error {
  override readonly name = "ProtocolViolation";
}
