/** Decides what becomes of packets, one after the other. */
export interface PacketJudge {
  /** What becomes of a packet that comes now; `undefined` if it is lost. Times are in milliseconds. */
  judge(packet: ArrivingPacket, now: number): PacketVerdict | undefined;
}

/** What is known of a packet. */
export interface ArrivingPacket {
  /** All of it, or its first bytes; valid until the next packet is judged. */
  readonly bytes: Uint8Array;
  /** Bytes of all of it. */
  readonly length: number;
}

/** That a packet goes on. */
export interface PacketVerdict {
  /** When. */
  readonly due: number;
  /** Whether a copy of it goes on as well. */
  readonly isCopied?: boolean | undefined;
  /** What goes on in its place. */
  readonly replacement?: Uint8Array<ArrayBuffer> | undefined;
}
