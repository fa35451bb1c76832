import { encodeCopying } from "./encode_rule.ts";
import { explained } from "./explained.ts";
import {
  changeTables,
  deleteRules,
  type HookName,
  HOOKS,
  newChain,
  newRule,
  newTable,
  type TableName,
} from "./nf_tables.ts";
import { openTablesSocket, type TablesSocket, uniqueTableName } from "./owned_table.ts";
import { Priority } from "./packet_filter.ts";

/** Only rules of one family of addresses can copy packets. */
const FAMILIES = ["ipv4", "ipv6"] as const;

interface FamilyTable extends TableName {
  readonly family: (typeof FAMILIES)[number];
}

const REASONS: Readonly<Record<number, string>> = {
  2: 'the kernel cannot copy packets: "modprobe -a nft_dup_ipv4 nft_dup_ipv6" loads what can',
};

/**
 * Has the kernel send each packet twice that was given the mark for it in a queue. It does that behind all
 * queues, and copies pass them, so they arrive right beside what they are copies of. It is gone with its
 * process. Needs NET_ADMIN.
 */
export class PacketCopies implements Disposable {
  readonly #socket: TablesSocket = openTablesSocket();
  readonly #tables: readonly FamilyTable[] = FAMILIES.map((family) => ({
    family,
    name: uniqueTableName(),
  }));
  #isCleared = false;

  /** Begins it. Throws an error that says what is missing where that is not possible; then nothing is done. */
  constructor() {
    try {
      changeTables(this.#socket, [
        ...this.#tables.map((table) => newTable(table)),
        ...this.#eachChain((table, name) => [
          newChain(table, { name, hook: { number: HOOKS[name], priority: Priority.copy } }),
        ]),
        ...this.#eachChain((table, hook) =>
          encodeCopying(table.family, hook).map((rule) => newRule(table, hook, rule))
        ),
      ]);
    } catch (error) {
      this[Symbol.dispose]();
      throw explained(error, REASONS);
    }
  }

  /** Removes the rules, and leaves what they were in, as a filter of packets does. Idempotent. */
  clear(): void {
    if (this.#isCleared) return;
    this.#isCleared = true;
    changeTables(this.#socket, this.#eachChain((table, hook) => [deleteRules(table, hook)]));
  }

  /** Whether nothing of it is left. */
  get isClosed(): boolean {
    return this.#socket.isClosed;
  }

  /** Copies nothing more. Idempotent. */
  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  #eachChain<T>(make: (table: FamilyTable, hook: HookName) => readonly T[]): T[] {
    const hooks = Object.keys(HOOKS) as HookName[];
    return this.#tables.flatMap((table) => hooks.flatMap((hook) => make(table, hook)));
  }
}
