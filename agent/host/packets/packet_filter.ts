import type { DropOptions, PacketRule } from "../host.ts";
import {
  decodeAttributes,
  decodeList,
  joined,
  nested,
  numberAttribute,
  textAttribute,
} from "./netlink_message.ts";
import { MessageFlag, NetlinkError, NetlinkSocket } from "./netlink_socket.ts";
import { encodeNeighborRule, encodeRule, encodeSparedPort } from "./encode_rule.ts";

/** The part of the kernel that filters packets: `NETLINK_NETFILTER`. */
const NETFILTER = 12;

/** Types of messages about nftables, all of which have this in their upper byte. */
const SUBSYSTEM = 0xa00;
const Message = { newTable: 0, newChain: 3, newRule: 6, getRule: 7 };
const BATCH = { begin: 0x10, end: 0x11 };
const CREATE = 0x400;
const EXCLUSIVE = 0x200;
const APPEND = 0x800;
const DUMP = 0x300;

/** Rules for both families of addresses. */
const INET = 1;

/** The table belongs to the socket that has made it: nobody else can change it, and it ends with it. */
const TABLE_OWNER = 2;

/** Where packets are looked at, and before whom: before the machine's own filters. */
const CHAINS = { in: { hook: 1, name: "in" }, out: { hook: 3, name: "out" } } as const;
const PRIORITY = -10;
const ACCEPT = 1;

/** The kernel takes no more rules at once than its socket has room for: each has some 400 bytes. */
const RULES_AT_ONCE = 1_000;

/**
 * Packets that this machine, or the container, does not let pass. It is a table of nftables of its own:
 * what others have made there stays as it is. The kernel removes it with the process, whatever that dies
 * of. Needs NET_ADMIN.
 */
export class PacketFilter implements Disposable {
  readonly #socket: NetlinkSocket;
  readonly #table = `clustertest_${crypto.randomUUID().replaceAll("-", "")}`;

  readonly #rules: readonly PacketRule[];
  /** For each rule of a chain of the kernel's, in their order, which of the rules it is of. */
  readonly #places: Record<PacketRule["direction"], number[]> = { in: [], out: [] };

  private constructor(socket: NetlinkSocket, rules: readonly PacketRule[]) {
    this.#socket = socket;
    this.#rules = rules;
  }

  /**
   * Drops what the rules concern from now on, but for a port that is to be spared. Throws an error that says what is missing where that is
   * not possible; then no packet is dropped.
   */
  static open(
    rules: readonly PacketRule[],
    { sparedPort }: Pick<DropOptions, "sparedPort"> = {},
  ): PacketFilter {
    const socket = openSocket();
    try {
      const filter = new PacketFilter(socket, rules);
      filter.#create(sparedPort);
      filter.#add();
      return filter;
    } catch (error) {
      socket[Symbol.dispose]();
      throw explained(error);
    }
  }

  /** How many packets each of the rules has dropped. */
  counts(): number[] {
    const counts = this.#rules.map(() => 0);
    const places = { in: [...this.#places.in], out: [...this.#places.out] };
    const answers = this.#socket.request([{
      type: SUBSYSTEM | Message.getRule,
      flags: MessageFlag.request | DUMP,
      body: joined([INET_BODY, textAttribute(1, this.#table)]),
    }]);
    for (const { type, body } of answers) {
      if (type !== (SUBSYSTEM | Message.newRule)) continue;
      const count = countOf(body);
      if (count === undefined) continue;
      const { chain, packets } = count;
      // The kernel tells the rules of a chain in the order in which they were added.
      counts[places[chain].shift()!]! += packets;
    }
    return counts;
  }

  /** Lets all packets pass again. Idempotent. */
  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  #create(sparedPort: number | undefined): void {
    const flags = CREATE | EXCLUSIVE;
    const table = textAttribute(1, this.#table);
    this.#change([
      { type: Message.newTable, flags, attributes: [table, numberAttribute(2, TABLE_OWNER)] },
      ...Object.values(CHAINS).map(({ hook, name }) => ({
        type: Message.newChain,
        flags,
        attributes: [
          table,
          textAttribute(3, name),
          nested(4, numberAttribute(1, hook), numberAttribute(2, PRIORITY)),
          numberAttribute(5, ACCEPT),
          textAttribute(7, "filter"),
        ],
      })),
      ...Object.values(CHAINS).map(({ name }) => this.#newRule(name, encodeNeighborRule())),
      ...sparedPort === undefined
        ? []
        : Object.values(CHAINS).map(({ name }) =>
          this.#newRule(name, encodeSparedPort(sparedPort, name))
        ),
    ]);
  }

  #newRule(chain: string, expressions: Uint8Array): Change {
    return {
      type: Message.newRule,
      flags: CREATE | APPEND,
      attributes: [textAttribute(1, this.#table), textAttribute(2, chain), expressions],
    };
  }

  #add(): void {
    const changes = this.#rules.flatMap((rule, place) => {
      const { direction } = rule;
      const encoded = encodeRule(rule);
      this.#places[direction].push(...encoded.map(() => place));
      return encoded.map((each) => this.#newRule(CHAINS[direction].name, each));
    });
    for (let at = 0; at < changes.length; at += RULES_AT_ONCE) {
      this.#change(changes.slice(at, at + RULES_AT_ONCE));
    }
  }

  /** Makes changes, all at once or none. */
  #change(changes: readonly Change[]): void {
    this.#socket.request([
      { type: BATCH.begin, flags: MessageFlag.request, body: BATCH_BODY },
      ...changes.map(({ type, flags, attributes }) => ({
        type: SUBSYSTEM | type,
        flags: MessageFlag.request | MessageFlag.acknowledge | flags,
        body: joined([INET_BODY, ...attributes]),
      })),
      { type: BATCH.end, flags: MessageFlag.request, body: BATCH_BODY },
    ]);
  }
}

/** A change of the table. */
interface Change {
  readonly type: number;
  readonly flags: number;
  readonly attributes: readonly Uint8Array[];
}

/** The head of a message's body: family, version, and a number whose meaning depends on the type. */
const INET_BODY = new Uint8Array([INET, 0, 0, 0]);
const BATCH_BODY = new Uint8Array([0, 0, 0, 10]);

/** In which chain a rule is, and what its counter says; nothing if it has none. */
function countOf(body: Uint8Array): { chain: "in" | "out"; packets: number } | undefined {
  const attributes = decodeAttributes(body.subarray(INET_BODY.length));
  const chain = decodeText(attributes.get(2)) === CHAINS.in.name ? "in" : "out";
  for (const expression of decodeList(attributes.get(4)!)) {
    const parts = decodeAttributes(expression);
    if (decodeText(parts.get(1)) !== "counter") continue;
    const packets = decodeAttributes(parts.get(2)!).get(2)!;
    return { chain, packets: Number(new DataView(packets.slice().buffer).getBigUint64(0)) };
  }
  return undefined;
}

function decodeText(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes).replace("\0", "");
}

/** Errors of the kernel that have a remedy: EPERM, and those of kernels that lack something. */
const REASONS: Readonly<Record<number, string>> = {
  1: "it needs NET_ADMIN, which this process does not have",
  22: "the kernel has no tables with an owner, which came with Linux 5.12",
  93: 'the kernel has no nf_tables: "modprobe nf_tables" loads it',
  95: "the kernel has no tables with an owner, which came with Linux 5.12",
};

/** The error of a rule for what is sent, where the kernel lacks the target. */
const NO_TARGET = 2;

function openSocket(): NetlinkSocket {
  if (Deno.build.os !== "linux") {
    throw new Deno.errors.NotSupported(`Cannot filter packets: ${Deno.build.os} has no nf_tables`);
  }
  try {
    return new NetlinkSocket(NETFILTER);
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof NetlinkError)) return error;
  const reason = error.number === NO_TARGET
    ? 'the kernel has no NFQUEUE: "modprobe xt_NFQUEUE" loads it'
    : REASONS[error.number] ?? error.message;
  return new Deno.errors.NotSupported(`Cannot filter packets: ${reason}`, { cause: error });
}
