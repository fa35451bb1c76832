import type { PacketOptions, PacketRule } from "../host.ts";
import {
  decodeAttributes,
  decodeList,
  joined,
  nested,
  numberAttribute,
  textAttribute,
} from "./netlink_message.ts";
import { MessageFlag, NetlinkError, NetlinkSocket } from "./netlink_socket.ts";
import {
  encodeNeighborRule,
  encodeRule,
  encodeSparedPort,
  type PacketFate,
} from "./encode_rule.ts";
import { explained } from "./explained.ts";

/** The part of the kernel that filters packets: `NETLINK_NETFILTER`. */
const NETFILTER = 12;

/** Types of messages about nftables, all of which have this in their upper byte. */
const SUBSYSTEM = 0xa00;
const Message = { newTable: 0, newChain: 3, newRule: 6, getRule: 7, deleteRule: 8 };
const BATCH = { begin: 0x10, end: 0x11 };
const CREATE = 0x400;
const EXCLUSIVE = 0x200;
const APPEND = 0x800;
const DUMP = 0x300;

/** Rules for both families of addresses. */
const INET = 1;

/** The table belongs to the socket that has made it: nobody else can change it, and it ends with it. */
const TABLE_OWNER = 2;

/**
 * Where packets are looked at, and before whom: before the machine's own filters. What is dropped does not
 * wait in a queue first; what is counted has passed both.
 */
const CHAINS = { in: { hook: 1, name: "in" }, out: { hook: 3, name: "out" } } as const;
const Priority = { drop: -10, queue: -9, count: -8 };
const ACCEPT = 1;

/** The kernel takes no more rules at once than its socket has room for: each has some 400 bytes. */
const RULES_AT_ONCE = 1_000;

/** The error of a rule that names a target which the kernel lacks. */
const NO_TARGET = 2;

/**
 * Packets that this machine, or the container, does not let pass, hands to a queue, or counts. It is a table of nftables of its own:
 * what others have made there stays as it is. The kernel removes it with the process, whatever that dies
 * of. Needs NET_ADMIN.
 */
export class PacketFilter implements Disposable {
  readonly #socket: NetlinkSocket;
  readonly #table = `clustertest_${crypto.randomUUID().replaceAll("-", "")}`;

  readonly #rules: readonly PacketRule[];
  /** For each rule of a chain of the kernel's, in their order, which of the rules it is of. */
  readonly #places: Record<PacketRule["direction"], number[]> = { in: [], out: [] };

  readonly #fate: PacketFate;
  #isCleared = false;

  private constructor(socket: NetlinkSocket, rules: readonly PacketRule[], fate: PacketFate) {
    this.#socket = socket;
    this.#rules = rules;
    this.#fate = fate;
  }

  /**
   * Does from now on what is said to what the rules concern, but for a port that is to be spared. Throws an
   * error that says what is missing where that is not possible; then nothing is done.
   */
  static open(rules: readonly PacketRule[], options: FilterOptions): PacketFilter {
    const { fate } = options;
    try {
      return PacketFilter.#open(rules, options);
    } catch (error) {
      const isOther = typeof fate === "string" || fate.isExpression ||
        !(error instanceof NetlinkError) ||
        error.number !== NO_TARGET;
      if (isOther) throw explained(error);
    }
    try {
      // A kernel without the target for queues may have nftables' own.
      return PacketFilter.#open(rules, { ...options, fate: { ...fate, isExpression: true } });
    } catch (error) {
      throw explained(error);
    }
  }

  static #open(rules: readonly PacketRule[], { fate, sparedPort }: FilterOptions): PacketFilter {
    const socket = openSocket();
    try {
      const filter = new PacketFilter(socket, rules, fate);
      filter.#create(sparedPort);
      filter.#add();
      return filter;
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
  }

  /** How many packets each of the rules has concerned. */
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

  /**
   * Removes the rules, and leaves what they were in: the kernel drops all packets that wait in any queue of
   * this network when it removes that. Idempotent.
   */
  clear(): void {
    if (this.#isCleared) return;
    this.#isCleared = true;
    this.#change(
      Object.values(CHAINS).map(({ name }) => ({
        type: Message.deleteRule,
        flags: 0,
        attributes: [textAttribute(1, this.#table), textAttribute(2, name)],
      })),
    );
  }

  /** Whether nothing of it is left. */
  get isClosed(): boolean {
    return this.#socket.isClosed;
  }

  /** Lets all packets pass again. Idempotent. */
  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  #create(sparedPort: number | undefined): void {
    const flags = CREATE | EXCLUSIVE;
    const priority = Priority[typeof this.#fate === "string" ? this.#fate : "queue"];
    const table = textAttribute(1, this.#table);
    this.#change([
      { type: Message.newTable, flags, attributes: [table, numberAttribute(2, TABLE_OWNER)] },
      ...Object.values(CHAINS).map(({ hook, name }) => ({
        type: Message.newChain,
        flags,
        attributes: [
          table,
          textAttribute(3, name),
          nested(4, numberAttribute(1, hook), numberAttribute(2, priority)),
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
      const encoded = encodeRule(rule, this.#fate);
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

/** What is done, and which packets are spared. */
export interface FilterOptions extends Pick<PacketOptions, "sparedPort"> {
  readonly fate: PacketFate;
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
