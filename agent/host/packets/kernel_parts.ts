import type { MissingPart } from "../host.ts";
import { attribute, joined, nested, numberAttribute, textAttribute } from "./netlink_message.ts";
import { MessageFlag, NetlinkError, NetlinkSocket } from "./netlink_socket.ts";

/** The part of the kernel that filters packets: `NETLINK_NETFILTER`. */
const NETFILTER = 12;

/** Types of messages, with their subsystems in the upper byte. */
const Message = { newTable: 0xa00, deleteTable: 0xa02, newChain: 0xa03, newRule: 0xa06 };
const CONFIGURE_QUEUE = 0x302;
const BATCH = { begin: 0x10, end: 0x11 };
const CREATE = 0x400;
const APPEND = 0x800;

/** The head of a message's body: the family, here both of addresses, and a number. */
const INET_BODY = new Uint8Array([1, 0, 0, 0]);
const BATCH_BODY = new Uint8Array([0, 0, 0, 10]);

/** A table that belongs to the socket that has made it. */
const TABLE_OWNER = 2;

/** A queue that nobody has. */
const QUEUE = 0xfff1;

/** Errors of the kernel. */
const EPERM = 1;
const EINVAL = 22;

/** What can be missing, in the order in which one part needs the other. */
const MISSING = {
  privilege: {
    part: "privilege",
    reason: "a process there, also as root, does not get the privilege NET_ADMIN",
    remedy: "Let containers have the capability NET_ADMIN there",
  },
  tables: {
    part: "tables",
    reason: "the kernel has no nf_tables",
    remedy: 'Load it there as root: "modprobe nf_tables"',
  },
  owners: {
    part: "owners",
    reason: "the kernel has no tables with an owner, which came with Linux 5.12",
    remedy: "Run this test on a newer kernel",
  },
  queueTarget: {
    part: "queueTarget",
    reason: "the kernel has no NFQUEUE",
    remedy: 'Load it there as root: "modprobe -a nft_compat xt_NFQUEUE"',
  },
  queues: {
    part: "queues",
    reason: "the kernel has no queues of packets",
    remedy: 'Load them there as root: "modprobe nfnetlink_queue"',
  },
} as const satisfies Readonly<Record<MissingPart["part"], MissingPart>>;

/** What is asked of the kernel by. */
export type KernelConnection = Pick<NetlinkSocket, "request"> & Disposable;

/** How the kernel is asked. */
export interface KernelPartsOptions {
  /** Opens a connection: for tests. @default a socket of netlink */
  readonly connect?: ((part: number) => KernelConnection) | undefined;
}

/**
 * What the kernel lacks of what can be done to packets. No packet is concerned: it is found out by a table
 * without a chain that packets come to, which is gone again when this returns. Of a part that needs a
 * missing one nothing is known, and it is missing as well.
 */
export function missingParts(
  { connect = (part) => new NetlinkSocket(part) }: KernelPartsOptions = {},
): MissingPart[] {
  const { privilege, tables, owners, queueTarget, queues } = MISSING;
  if (Deno.build.os !== "linux") return [tables, owners, queueTarget, queues];
  let socket: KernelConnection;
  try {
    socket = connect(NETFILTER);
  } catch (error) {
    if (error instanceof NetlinkError) return [tables, owners, queueTarget, queues];
    throw error;
  }
  using connection = socket;
  const plain = refusal(connection, [newTable(0), deleteTable()]);
  if (plain === EPERM) return [privilege];
  const noQueues = refusal(connection, [], configureQueue()) === EINVAL ? [queues] : [];
  if (plain !== undefined) return [tables, owners, queueTarget, ...noQueues];
  const owned = refusal(connection, [newTable(TABLE_OWNER), deleteTable()]) === undefined;
  const target = refusal(connection, [newTable(0), newChain(), queueRule(), deleteTable()]);
  return [
    ...owned ? [] : [owners],
    ...target === undefined ? [] : [queueTarget],
    ...noQueues,
  ];
}

/** A change that is asked for. */
interface Change {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

/** The number of the kernel's error, if it refuses changes, or one alone; nothing of a batch is done then. */
function refusal(
  connection: KernelConnection,
  batch: readonly Change[],
  alone?: Change,
): number | undefined {
  const request = ({ type, flags, body }: Change) => {
    return { type, flags: MessageFlag.request | MessageFlag.acknowledge | flags, body };
  };
  const mark = (type: number) => ({ type, flags: MessageFlag.request, body: BATCH_BODY });
  try {
    connection.request(
      alone ? [request(alone)] : [mark(BATCH.begin), ...batch.map(request), mark(BATCH.end)],
    );
    return undefined;
  } catch (error) {
    if (error instanceof NetlinkError) return error.number;
    throw error;
  }
}

const TABLE = `clustertest_probe_${Deno.pid}`;
const CHAIN = "none";

function change(type: number, flags: number, ...attributes: readonly Uint8Array[]): Change {
  return { type, flags, body: joined([INET_BODY, textAttribute(1, TABLE), ...attributes]) };
}

function newTable(flags: number): Change {
  return change(Message.newTable, CREATE, numberAttribute(2, flags));
}

function deleteTable(): Change {
  return change(Message.deleteTable, 0);
}

/** Without a hook: nothing leads there. */
function newChain(): Change {
  return change(Message.newChain, CREATE, textAttribute(3, CHAIN));
}

function queueRule(): Change {
  const info = attribute(3, new Uint8Array([QUEUE & 0xff, QUEUE >> 8, 1, 0, 0, 0, 0, 0]));
  const target = nested(2, textAttribute(1, "NFQUEUE"), numberAttribute(2, 3), info);
  const expressions = nested(4, nested(1, textAttribute(1, "target"), target));
  return change(Message.newRule, CREATE | APPEND, textAttribute(2, CHAIN), expressions);
}

/** Of a queue that there is not: a kernel that has queues says so. */
function configureQueue(): Change {
  return {
    type: CONFIGURE_QUEUE,
    flags: 0,
    body: new Uint8Array([0, 0, QUEUE >> 8, QUEUE & 0xff]),
  };
}
