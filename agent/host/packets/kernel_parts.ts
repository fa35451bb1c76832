import type { MissingPart } from "../host.ts";
import { encodeCopying, encodeRule, type QueueForm } from "./encode_rule.ts";
import type { NetlinkMessage } from "./netlink_message.ts";
import { MessageFlag, NetlinkError, NetlinkSocket } from "./netlink_socket.ts";
import {
  changeTables,
  deleteTable,
  type FamilyName,
  NETFILTER,
  newChain,
  newRule,
  newTable,
} from "./nf_tables.ts";

const CONFIGURE_QUEUE = 0x302;

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
    reason: "the kernel has no NFQUEUE, nor a queue expression of nftables",
    remedy: 'Load it there as root: "modprobe -a nft_compat xt_NFQUEUE"',
  },
  queues: {
    part: "queues",
    reason: "the kernel has no queues of packets",
    remedy: 'Load them there as root: "modprobe nfnetlink_queue"',
  },
  copies: {
    part: "copies",
    reason: "the kernel cannot copy packets",
    remedy: 'Load what can there as root: "modprobe -a nft_dup_ipv4 nft_dup_ipv6"',
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
  const { privilege, tables, owners, queueTarget, queues, copies } = MISSING;
  const withoutTables = [tables, owners, queueTarget, copies];
  if (Deno.build.os !== "linux") return [...withoutTables, queues];
  let socket: KernelConnection;
  try {
    socket = connect(NETFILTER);
  } catch (error) {
    if (error instanceof NetlinkError) return [...withoutTables, queues];
    throw error;
  }
  using connection = socket;
  if (hasAll(connection)) return [];
  const plain = refusalOfTable(connection);
  if (plain === EPERM) return [privilege];
  const noQueues = lacksQueues(connection) ? [queues] : [];
  if (plain !== undefined) return [...withoutTables, ...noQueues];
  const hasOwners = refusalOfTable(connection, { isOwned: true }) === undefined;
  const leadsToQueues = QUEUE_FORMS.some((queueForm) =>
    takesRules(connection, queueRules(queueForm))
  );
  const makesCopies = ADDRESS_FAMILIES.every((family) =>
    takesRules(connection, encodeCopying(family, "in"), family)
  );
  return [
    ...hasOwners ? [] : [owners],
    ...leadsToQueues ? [] : [queueTarget],
    ...noQueues,
    ...makesCopies ? [] : [copies],
  ];
}

const QUEUE_FORMS: readonly QueueForm[] = ["target", "expression"];
const ADDRESS_FAMILIES = ["ipv4", "ipv6"] as const;

const NAME = `clustertest_probe_${Deno.pid}`;
const CHAIN = "none";

function queueRules(queueForm: QueueForm): Uint8Array[] {
  return encodeRule({ direction: "in" }, { fate: { queue: QUEUE }, queueForm });
}

/** Whether nothing is missing, by one change: each waits until the kernel has forgotten the one before. */
function hasAll(connection: KernelConnection): boolean {
  const changes = [
    ...tableAlone({ isOwned: true }),
    ...tableWith(queueRules("target")),
    ...ADDRESS_FAMILIES.flatMap((family) => tableWith(encodeCopying(family, "in"), family)),
  ];
  return refusal(() => changeTables(connection, changes)) === undefined &&
    !lacksQueues(connection);
}

function refusalOfTable(
  connection: KernelConnection,
  { isOwned = false } = {},
): number | undefined {
  return refusal(() => changeTables(connection, tableAlone({ isOwned })));
}

function tableAlone({ isOwned }: { readonly isOwned: boolean }): NetlinkMessage[] {
  const table = { family: "inet", name: NAME } as const;
  return [newTable(table, { isOwned }), deleteTable(table)];
}

/** Whether the kernel knows all expressions of rules: they are in a chain without a hook, where nothing leads. */
function takesRules(
  connection: KernelConnection,
  rules: readonly Uint8Array[],
  family: FamilyName = "inet",
): boolean {
  return refusal(() => changeTables(connection, tableWith(rules, family))) === undefined;
}

function tableWith(rules: readonly Uint8Array[], family: FamilyName = "inet"): NetlinkMessage[] {
  const table = { family, name: NAME };
  return [
    newTable(table, { isOwned: false }),
    newChain(table, { name: CHAIN }),
    ...rules.map((rule) => newRule(table, CHAIN, rule)),
    deleteTable(table),
  ];
}

/** Asks about a queue that there is not: a kernel that has queues says so. */
function lacksQueues(connection: KernelConnection): boolean {
  const request: NetlinkMessage = {
    type: CONFIGURE_QUEUE,
    flags: MessageFlag.request | MessageFlag.acknowledge,
    body: new Uint8Array([0, 0, QUEUE >> 8, QUEUE & 0xff]),
  };
  return refusal(() => connection.request([request])) === EINVAL;
}

/** The number of the kernel's error, if it refuses what is asked. */
function refusal(ask: () => void): number | undefined {
  try {
    ask();
    return undefined;
  } catch (error) {
    if (error instanceof NetlinkError) return error.number;
    throw error;
  }
}
