import type { PacketRule } from "../host.ts";
import { addressBytes } from "./address_bytes.ts";
import {
  attribute,
  bigAttribute,
  nested,
  numberAttribute,
  textAttribute,
} from "./netlink_message.ts";

/** Numbers of nftables' expressions and of their attributes. */
const META = { nfproto: 15, l4proto: 16, inputName: 6, outputName: 7 };
const REGISTER = 1;
const EQUAL = 0;
const NOT_EQUAL = 1;
const AT_MOST = 3;
const AT_LEAST = 5;
const DROP = 0;
const ACCEPT = 1;
const HEADER = { network: 1, transport: 2 };
/** Where the ports of the sender and of the receiver are, in the header of TCP and of UDP. */
const PORT_OFFSETS = [0, 2] as const;

/** Bytes of an interface's name, with the NULs behind it. */
const NAME_SIZE = 16;

/** What differs between the families of addresses. */
const FAMILIES = {
  ipv4: { number: 2, icmp: 1, offsets: { in: 12, out: 16 } },
  ipv6: { number: 10, icmp: 58, offsets: { in: 8, out: 24 } },
} as const;

/** Of ICMPv6: from "router solicitation" to "redirect". */
const NEIGHBOR_TYPES = { first: 133, last: 137 };

type FamilyName = keyof typeof FAMILIES;

const TRANSPORTS = { tcp: 6, udp: 17 } as const;

/**
 * A queue that nobody reads: a packet that is sent there is gone, and who has sent it sees no error, as
 * if a network had lost it. What a rule drops on its way out fails with `EPERM`.
 */
const NOWHERE = 0xfff0;

/** Packets pass where nobody reads the queue. */
const BYPASS = 1;

/**
 * What becomes of packets: they are dropped, or counted alone, or who reads a queue decides; where nobody
 * does they pass.
 */
export type PacketFate = "drop" | "count" | {
  /** The queue's number. */
  readonly queue: number;
  /** Whether it is named by an expression of nftables' own. @default false: by the older target */
  readonly isExpression?: boolean | undefined;
};

/** One rule of the kernel's for each combination of family, protocol and side of the port. */
export function encodeRule(rule: PacketRule, fate: PacketFate): Uint8Array[] {
  return familiesOf(rule).flatMap((family) =>
    protocolsOf(rule, family).flatMap((protocol) =>
      portsOf(rule).map((port) =>
        nested(
          4,
          ...[...matchPeer(rule, family), ...protocol, ...port],
          COUNTER,
          ...verdictOf(rule, fate),
        )
      )
    )
  );
}

/**
 * Lets the discovery of neighbours pass: it is to IPv6 what ARP is to IPv4, which no rule concerns either.
 * Without it who sends a packet is told that nobody has the address. It is the first rule of a chain.
 */
export function encodeNeighborRule(): Uint8Array {
  const { number, icmp } = FAMILIES.ipv6;
  const type = { header: HEADER.transport, offset: 0 };
  return nested(
    4,
    ...matchMeta(META.nfproto, EQUAL, new Uint8Array([number])),
    ...matchProtocol(icmp),
    ...matchBytes(type, AT_LEAST, new Uint8Array([NEIGHBOR_TYPES.first])),
    ...matchBytes(type, AT_MOST, new Uint8Array([NEIGHBOR_TYPES.last])),
    immediate(ACCEPT),
  );
}

/** Lets pass what comes to a port of TCP of this machine, or what is answered from there. */
export function encodeSparedPort(
  port: number,
  direction: PacketRule["direction"],
): Uint8Array {
  const [sender, receiver] = PORT_OFFSETS;
  const offset = direction === "in" ? receiver : sender;
  return nested(
    4,
    ...matchProtocol(TRANSPORTS.tcp),
    ...matchBytes({ header: HEADER.transport, offset }, EQUAL, portBytes(port)),
    immediate(ACCEPT),
  );
}

function familiesOf({ peer }: PacketRule): FamilyName[] {
  if (peer === undefined) return ["ipv4", "ipv6"];
  return [peer.includes(":") ? "ipv6" : "ipv4"];
}

function matchPeer({ direction, peer, notPeers }: PacketRule, family: FamilyName): Uint8Array[] {
  const { number, offsets } = FAMILIES[family];
  const address = (operator: number, text: string) =>
    matchBytes(
      { header: HEADER.network, offset: offsets[direction] },
      operator,
      addressBytes(text),
    );
  const others = notPeers?.filter((each) => each.includes(":") === (family === "ipv6")) ?? [];
  return [
    ...matchMeta(META.nfproto, EQUAL, new Uint8Array([number])),
    ...notPeers ? notWithin(direction) : [],
    ...others.flatMap((each) => address(NOT_EQUAL, each)),
    ...peer === undefined ? [] : address(EQUAL, peer),
  ];
}

function notWithin(direction: PacketRule["direction"]): Uint8Array[] {
  const name = new Uint8Array(NAME_SIZE);
  new TextEncoder().encodeInto("lo", name);
  return matchMeta(direction === "in" ? META.inputName : META.outputName, NOT_EQUAL, name);
}

/** The ways in which a packet can be of the protocol that is meant. */
function protocolsOf({ protocol, port }: PacketRule, family: FamilyName): Uint8Array[][] {
  if (protocol === "icmp") return [matchProtocol(FAMILIES[family].icmp)];
  if (protocol !== undefined) return [matchProtocol(TRANSPORTS[protocol])];
  return port === undefined ? [[]] : Object.values(TRANSPORTS).map(matchProtocol);
}

function matchProtocol(number: number): Uint8Array[] {
  return matchMeta(META.l4proto, EQUAL, new Uint8Array([number]));
}

/** A port is that of the sender or of the receiver: a rule of the kernel's for each. */
function portsOf({ port }: PacketRule): Uint8Array[][] {
  if (port === undefined) return [[]];
  return PORT_OFFSETS.map((offset) =>
    matchBytes({ header: HEADER.transport, offset }, EQUAL, portBytes(port))
  );
}

function portBytes(port: number): Uint8Array {
  return new Uint8Array([port >> 8, port & 0xff]);
}

const COUNTER = expression("counter", bigAttribute(1, 0n), bigAttribute(2, 0n));

function verdictOf({ direction }: PacketRule, fate: PacketFate): Uint8Array[] {
  if (fate === "count") return [];
  if (fate === "drop") return [direction === "in" ? immediate(DROP) : queueTarget(NOWHERE, 0)];
  return [fate.isExpression ? queueExpression(fate.queue) : queueTarget(fate.queue, BYPASS)];
}

/** Of a queue: its number, how many there are from it on, and flags. */
function queueTarget(queue: number, flags: number): Uint8Array {
  const info = new Uint8Array([queue & 0xff, queue >> 8, 1, 0, flags, 0, 0, 0]);
  const revision = numberAttribute(2, 3);
  return expression("target", textAttribute(1, "NFQUEUE"), revision, attribute(3, info));
}

function queueExpression(queue: number): Uint8Array {
  const numbers = [queue, 1, BYPASS].map((each, i) =>
    attribute(i + 1, new Uint8Array([each >> 8, each & 0xff]))
  );
  return expression("queue", ...numbers);
}

function immediate(verdict: number): Uint8Array {
  const value = nested(2, nested(2, numberAttribute(1, verdict)));
  return expression("immediate", numberAttribute(1, 0), value);
}

function matchMeta(key: number, operator: number, value: Uint8Array): Uint8Array[] {
  return [
    expression("meta", numberAttribute(1, REGISTER), numberAttribute(2, key)),
    compare(operator, value),
  ];
}

function matchBytes(
  { header, offset }: { header: number; offset: number },
  operator: number,
  value: Uint8Array,
): Uint8Array[] {
  const attributes = [REGISTER, header, offset, value.length];
  return [
    expression("payload", ...attributes.map((each, i) => numberAttribute(i + 1, each))),
    compare(operator, value),
  ];
}

function compare(operator: number, value: Uint8Array): Uint8Array {
  const register = numberAttribute(1, REGISTER);
  return expression("cmp", register, numberAttribute(2, operator), nested(3, attribute(1, value)));
}

function expression(name: string, ...attributes: readonly Uint8Array[]): Uint8Array {
  return nested(1, textAttribute(1, name), nested(2, ...attributes));
}
