import type { PacketProtocol, PacketRule } from "../host.ts";
import { addressBytes } from "./address_bytes.ts";
import {
  type BytesPlace,
  COUNTER,
  decide,
  markBytes,
  matchBytes,
  matchMeta,
  queueExpression,
  type QueuePlace,
  queueTarget,
  ruleOf,
  sendCopy,
  setMark,
  shortBytes,
} from "./nf_expressions.ts";
import { Family, type HookName } from "./nf_tables.ts";

/** Bytes of an interface's name, with the NULs behind it. */
const NAME_SIZE = 16;

/** Where the addresses of the sender and of the receiver are, how long they are, and the number of ICMP. */
const ADDRESSES = {
  ipv4: { sender: 12, receiver: 16, size: 4, icmp: 1 },
  ipv6: { sender: 8, receiver: 24, size: 16, icmp: 58 },
} as const;

/** A family of addresses. */
type AddressFamily = keyof typeof ADDRESSES;

/** Of ICMPv6: from "router solicitation" to "redirect". */
const NEIGHBOR_TYPES = { first: 133, last: 137 };

const TRANSPORTS = { tcp: 6, udp: 17 } as const;

/** Where the ports of the sender and of the receiver are, in the header of TCP and of UDP. */
const PORTS = {
  sender: { header: "transport", offset: 0 },
  receiver: { header: "transport", offset: 2 },
} as const satisfies Record<string, BytesPlace>;

/**
 * A queue that nobody reads: a packet that is sent there is gone, and who has sent it sees no error, as
 * if a network had lost it. What a rule drops on its way out fails with `EPERM`.
 */
const NOWHERE: QueuePlace = { number: 0xfff0, isBypassed: false };

/** Marks of packets behind the queues: one that is to be copied, and a copy, which has passed them. */
export const Mark = { toCopy: 0xc7e5_7001, copy: 0xc7e5_7002 } as const;

/** What becomes of packets: they are dropped, or counted alone, or who reads a queue decides. */
export type PacketFate = "drop" | "count" | {
  /** The queue's number. Packets pass while nobody reads it. */
  readonly queue: number;
};

/** How rules send packets to queues: the kernel has at least one of both ways. */
export type QueueForm = "target" | "expression";

/** What a rule does, and how. */
export interface RuleEnd {
  readonly fate: PacketFate;
  readonly queueForm: QueueForm;
}

/** One rule of the kernel's for each combination of family, protocol and side of the port. */
export function encodeRule(rule: PacketRule, end: RuleEnd): Uint8Array[] {
  return familiesOf(rule).flatMap((family) =>
    protocolsOf(rule, family).flatMap((protocol) =>
      portsOf(rule).map((port) =>
        ruleOf(
          ...[...matchPeer(rule, family), ...protocol, ...port],
          COUNTER,
          ...verdictOf(rule, end),
        )
      )
    )
  );
}

/** Whether rules like this one send packets to a queue. */
export function isQueueing({ direction }: PacketRule, fate: PacketFate): boolean {
  return typeof fate !== "string" || fate === "drop" && direction === "out";
}

/**
 * Lets the discovery of neighbours pass: it is to IPv6 what ARP is to IPv4, which no rule concerns either.
 * Without it who sends a packet is told that nobody has the address. It is the first rule of a chain.
 */
export function encodeNeighborRule(): Uint8Array {
  const type = { header: "transport", offset: 0 } as const;
  return ruleOf(
    ...matchFamily("ipv6"),
    ...matchProtocol(ADDRESSES.ipv6.icmp),
    ...matchBytes(type, "atLeast", new Uint8Array([NEIGHBOR_TYPES.first])),
    ...matchBytes(type, "atMost", new Uint8Array([NEIGHBOR_TYPES.last])),
    decide("accept"),
  );
}

/** Lets pass what comes to a port of TCP of this machine, or what is answered from there. */
export function encodeSparedPort(port: number, direction: PacketRule["direction"]): Uint8Array {
  const place = PORTS[direction === "in" ? "receiver" : "sender"];
  return ruleOf(
    ...matchProtocol(TRANSPORTS.tcp),
    ...matchBytes(place, "equal", shortBytes(port)),
    decide("accept"),
  );
}

/** Lets copies pass: the packet that they are of has passed. */
export function encodeSparedCopies(): Uint8Array {
  return ruleOf(...matchMeta("mark", "equal", markBytes(Mark.copy)), decide("accept"));
}

/**
 * Sends each packet with the mark again to where it goes, as a copy. No mark is left on what goes on; a copy
 * of what has come is sent within the machine, and keeps its mark until it comes.
 */
export function encodeCopying(family: AddressFamily, hook: HookName): Uint8Array[] {
  const { receiver, size } = ADDRESSES[family];
  const isCopy = matchMeta("mark", "equal", markBytes(Mark.copy));
  return [
    ruleOf(...isCopy, ...hook === "in" ? setMark(0) : [], decide("accept")),
    ruleOf(
      ...matchMeta("mark", "equal", markBytes(Mark.toCopy)),
      ...setMark(Mark.copy),
      ...sendCopy({ header: "network", offset: receiver }, size),
      ...setMark(0),
    ),
  ];
}

function familiesOf({ peer }: PacketRule): AddressFamily[] {
  if (peer === undefined) return ["ipv4", "ipv6"];
  return [peer.includes(":") ? "ipv6" : "ipv4"];
}

function matchPeer({ direction, peer, notPeers }: PacketRule, family: AddressFamily): Uint8Array[] {
  const offset = ADDRESSES[family][direction === "in" ? "sender" : "receiver"];
  const address = (operator: "equal" | "notEqual", text: string) =>
    matchBytes({ header: "network", offset }, operator, addressBytes(text));
  const others = notPeers?.filter((each) => each.includes(":") === (family === "ipv6")) ?? [];
  return [
    ...matchFamily(family),
    ...notPeers ? notWithin(direction) : [],
    ...others.flatMap((each) => address("notEqual", each)),
    ...peer === undefined ? [] : address("equal", peer),
  ];
}

function notWithin(hook: HookName): Uint8Array[] {
  const name = new Uint8Array(NAME_SIZE);
  new TextEncoder().encodeInto("lo", name);
  return matchMeta(hook === "in" ? "inputName" : "outputName", "notEqual", name);
}

/** The ways in which a packet can be of the protocol that is meant. */
function protocolsOf({ protocol, port }: PacketRule, family: AddressFamily): Uint8Array[][] {
  if (protocol !== undefined) return [matchProtocol(numberOf(protocol, family))];
  return port === undefined ? [[]] : Object.values(TRANSPORTS).map(matchProtocol);
}

function numberOf(protocol: PacketProtocol, family: AddressFamily): number {
  return protocol === "icmp" ? ADDRESSES[family].icmp : TRANSPORTS[protocol];
}

function matchFamily(family: AddressFamily): Uint8Array[] {
  return matchMeta("family", "equal", new Uint8Array([Family[family]]));
}

function matchProtocol(number: number): Uint8Array[] {
  return matchMeta("protocol", "equal", new Uint8Array([number]));
}

/** A port is that of the sender or of the receiver: a rule of the kernel's for each. */
function portsOf({ port }: PacketRule): Uint8Array[][] {
  if (port === undefined) return [[]];
  return Object.values(PORTS).map((place) => matchBytes(place, "equal", shortBytes(port)));
}

function verdictOf(rule: PacketRule, { fate, queueForm }: RuleEnd): Uint8Array[] {
  if (fate === "count") return [];
  if (!isQueueing(rule, fate)) return [decide("drop")];
  const queue = fate === "drop" ? NOWHERE : { number: fate.queue, isBypassed: true };
  return [queueForm === "target" ? queueTarget(queue) : queueExpression(queue)];
}
