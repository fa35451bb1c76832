import {
  decodeAttributes,
  decodeList,
  joined,
  nested,
  type NetlinkMessage,
  numberAttribute,
  textAttribute,
} from "./netlink_message.ts";
import { MessageFlag, type NetlinkAnswer, type NetlinkSocket } from "./netlink_socket.ts";

/** The part of the kernel that filters packets: `NETLINK_NETFILTER`. */
export const NETFILTER = 12;

/** Families of tables. Rules of `inet` are for both families of addresses. */
export const Family = { inet: 1, ipv4: 2, ipv6: 10 } as const;

/** The name of a family. */
export type FamilyName = keyof typeof Family;

/** Types of messages about nftables, all of which have this in their upper byte. */
const SUBSYSTEM = 0xa00;
const Message = { newTable: 0, deleteTable: 2, newChain: 3, newRule: 6, getRule: 7, deleteRule: 8 };
const BATCH = { begin: 0x10, end: 0x11 };
const CREATE = 0x400;
const EXCLUSIVE = 0x200;
const APPEND = 0x800;
const DUMP = 0x300;

/** The table belongs to the socket that has made it: nobody else can change it, and it ends with it. */
const TABLE_OWNER = 2;

/** What a chain does with packets that no rule decides on. */
const ACCEPT = 1;

/** A number is expected behind the head of the mark of a batch: the subsystem's. */
const BATCH_BODY = new Uint8Array([0, 0, 0, 10]);

/** Where a chain sees packets: as they come to the machine, or as they leave it. */
export const HOOKS = { in: 1, out: 3 } as const;

/** The name of a hook, and of the chain that is there. */
export type HookName = keyof typeof HOOKS;

/** A table of a family. */
export interface TableName {
  readonly family: FamilyName;
  readonly name: string;
}

/** A table, of which the socket is the owner, unless it is to have none. */
export function newTable(table: TableName, { isOwned = true } = {}): NetlinkMessage {
  const flags = numberAttribute(2, isOwned ? TABLE_OWNER : 0);
  return change(table, { type: Message.newTable, flags: CREATE | EXCLUSIVE }, [
    textAttribute(1, table.name),
    flags,
  ]);
}

/** Removes a table with all that is in it. */
export function deleteTable(table: TableName): NetlinkMessage {
  return change(table, { type: Message.deleteTable, flags: 0 }, [textAttribute(1, table.name)]);
}

/** A chain of a hook, of those with lower priorities first; without a hook nothing leads there. */
export function newChain(
  table: TableName,
  { name, hook }: {
    readonly name: string;
    readonly hook?: { readonly number: number; readonly priority: number } | undefined;
  },
): NetlinkMessage {
  const place = hook && [
    nested(4, numberAttribute(1, hook.number), numberAttribute(2, hook.priority)),
    numberAttribute(5, ACCEPT),
    textAttribute(7, "filter"),
  ];
  return change(table, { type: Message.newChain, flags: CREATE | EXCLUSIVE }, [
    textAttribute(1, table.name),
    textAttribute(3, name),
    ...place ?? [],
  ]);
}

/** A rule behind the others of a chain. */
export function newRule(table: TableName, chain: string, expressions: Uint8Array): NetlinkMessage {
  return change(table, { type: Message.newRule, flags: CREATE | APPEND }, [
    textAttribute(1, table.name),
    textAttribute(2, chain),
    expressions,
  ]);
}

/** Removes all rules of a chain. */
export function deleteRules(table: TableName, chain: string): NetlinkMessage {
  return change(table, { type: Message.deleteRule, flags: 0 }, [
    textAttribute(1, table.name),
    textAttribute(2, chain),
  ]);
}

/**
 * Makes changes, all at once or none. Throws a {@linkcode NetlinkError} if the kernel refuses one of them;
 * then nothing was done.
 */
export function changeTables(
  socket: Pick<NetlinkSocket, "request">,
  changes: readonly NetlinkMessage[],
): void {
  socket.request([
    { type: BATCH.begin, flags: MessageFlag.request, body: BATCH_BODY },
    ...changes.map(acknowledged),
    { type: BATCH.end, flags: MessageFlag.request, body: BATCH_BODY },
  ]);
}

/** What the counter of a rule says. */
export interface RuleCount {
  /** The rule's chain. */
  readonly chain: string;
  readonly packets: number;
}

/** The counters of a table: those of one chain in the order in which its rules were added. */
export function readCounts(
  socket: Pick<NetlinkSocket, "request">,
  { family, name }: TableName,
): RuleCount[] {
  const answers = socket.request([{
    type: SUBSYSTEM | Message.getRule,
    flags: MessageFlag.request | DUMP,
    body: joined([headOf(family), textAttribute(1, name)]),
  }]);
  return answers.map(countOf).filter((count) => count !== undefined);
}

function countOf({ type, body }: NetlinkAnswer): RuleCount | undefined {
  if (type !== (SUBSYSTEM | Message.newRule)) return undefined;
  const attributes = decodeAttributes(body.subarray(BODY_HEAD_SIZE));
  for (const expression of decodeList(attributes.get(4)!)) {
    const parts = decodeAttributes(expression);
    if (decodeText(parts.get(1)) !== "counter") continue;
    const packets = decodeAttributes(parts.get(2)!).get(2)!;
    return {
      chain: decodeText(attributes.get(2)),
      packets: Number(new DataView(packets.slice().buffer).getBigUint64(0)),
    };
  }
  return undefined;
}

function decodeText(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes).replace("\0", "");
}

function acknowledged({ type, flags, body }: NetlinkMessage): NetlinkMessage {
  return { type, flags: MessageFlag.request | MessageFlag.acknowledge | flags, body };
}

function change(
  { family }: TableName,
  { type, flags }: Pick<NetlinkMessage, "type" | "flags">,
  attributes: readonly Uint8Array[],
): NetlinkMessage {
  return { type: SUBSYSTEM | type, flags, body: joined([headOf(family), ...attributes]) };
}

/** Bytes of the head of a message's body. */
const BODY_HEAD_SIZE = 4;

/** The head of a message's body: family, version, and a number that is not used. */
function headOf(family: FamilyName): Uint8Array {
  return new Uint8Array([Family[family], 0, 0, 0]);
}
