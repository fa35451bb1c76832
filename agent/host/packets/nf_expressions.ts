/**
 * The expressions of nftables' rules, of which all that is done to packets is made.
 *
 * @module
 */
import {
  attribute,
  bigAttribute,
  nested,
  numberAttribute,
  textAttribute,
} from "./netlink_message.ts";

/** What a rule can know of a packet beside its bytes. */
const Meta = { mark: 3, inputName: 6, outputName: 7, family: 15, protocol: 16 } as const;

/** How values are compared. */
const Operator = { equal: 0, notEqual: 1, atMost: 3, atLeast: 5 } as const;

/** Which header bytes are counted from. */
const Header = { network: 1, transport: 2 } as const;

const Verdict = { drop: 0, accept: 1 } as const;

/** Where one expression leaves a value for the next. */
const REGISTER = 1;

/** Where a verdict is left. */
const VERDICT_REGISTER = 0;

/** Packets pass where nobody reads the queue. */
const BYPASS = 1;

/** All expressions of a rule, in their order. */
export function ruleOf(...expressions: readonly Uint8Array[]): Uint8Array {
  return nested(4, ...expressions);
}

/** Goes on only if what is known of a packet is so. */
export function matchMeta(
  key: keyof typeof Meta,
  operator: keyof typeof Operator,
  value: Uint8Array,
): Uint8Array[] {
  return [
    expression("meta", numberAttribute(1, REGISTER), numberAttribute(2, Meta[key])),
    compare(operator, value),
  ];
}

/** Goes on only if bytes of a packet are so. */
export function matchBytes(
  place: BytesPlace,
  operator: keyof typeof Operator,
  value: Uint8Array,
): Uint8Array[] {
  return [loadBytes(place, value.length), compare(operator, value)];
}

/** Where bytes of a packet are. */
export interface BytesPlace {
  readonly header: keyof typeof Header;
  readonly offset: number;
}

/** Gives a packet a mark. */
export function setMark(mark: number): Uint8Array[] {
  return [
    expression("immediate", numberAttribute(1, REGISTER), nested(2, attribute(1, markBytes(mark)))),
    expression("meta", numberAttribute(2, Meta.mark), numberAttribute(3, REGISTER)),
  ];
}

/** A mark as the kernel keeps it: in the byte order of the machine. */
export function markBytes(mark: number): Uint8Array {
  return new Uint8Array(new Uint32Array([mark]).buffer);
}

/** Sends a copy of a packet where the bytes lead that are an address in it. */
export function sendCopy(address: BytesPlace, length: number): Uint8Array[] {
  return [loadBytes(address, length), expression("dup", numberAttribute(1, REGISTER))];
}

/** Counts packets that come so far. */
export const COUNTER: Uint8Array = expression("counter", bigAttribute(1, 0n), bigAttribute(2, 0n));

/** Ends the rules of a chain for a packet. */
export function decide(verdict: keyof typeof Verdict): Uint8Array {
  const value = nested(2, nested(2, numberAttribute(1, Verdict[verdict])));
  return expression("immediate", numberAttribute(1, VERDICT_REGISTER), value);
}

/** A queue of packets. */
export interface QueuePlace {
  readonly number: number;
  /** Whether packets pass while nobody reads it; they are lost otherwise. */
  readonly isBypassed: boolean;
}

/** Sends packets to a queue, by the older target that `iptables` has as well. */
export function queueTarget({ number, isBypassed }: QueuePlace): Uint8Array {
  const flags = isBypassed ? BYPASS : 0;
  const info = new Uint8Array([number & 0xff, number >> 8, 1, 0, flags, 0, 0, 0]);
  const revision = numberAttribute(2, 3);
  return expression("target", textAttribute(1, "NFQUEUE"), revision, attribute(3, info));
}

/** The same by nftables' own expression: some kernels have only the one, others only the other. */
export function queueExpression({ number, isBypassed }: QueuePlace): Uint8Array {
  const values = [number, 1, isBypassed ? BYPASS : 0];
  return expression("queue", ...values.map((value, i) => attribute(i + 1, shortBytes(value))));
}

/** A number of 16 bits, in the byte order of the network. */
export function shortBytes(value: number): Uint8Array {
  return new Uint8Array([value >> 8, value & 0xff]);
}

function loadBytes({ header, offset }: BytesPlace, length: number): Uint8Array {
  const attributes = [REGISTER, Header[header], offset, length];
  return expression("payload", ...attributes.map((each, i) => numberAttribute(i + 1, each)));
}

function compare(operator: keyof typeof Operator, value: Uint8Array): Uint8Array {
  const [register, how] = [numberAttribute(1, REGISTER), numberAttribute(2, Operator[operator])];
  return expression("cmp", register, how, nested(3, attribute(1, value)));
}

function expression(name: string, ...attributes: readonly Uint8Array[]): Uint8Array {
  return nested(1, textAttribute(1, name), nested(2, ...attributes));
}
