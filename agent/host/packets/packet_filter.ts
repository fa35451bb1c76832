import type { PacketOptions, PacketRule } from "../host.ts";
import {
  encodeNeighborRule,
  encodeRule,
  encodeSparedCopies,
  encodeSparedPort,
  isQueueing,
  type PacketFate,
  type QueueForm,
} from "./encode_rule.ts";
import { explained } from "./explained.ts";
import { NetlinkError } from "./netlink_socket.ts";
import {
  changeTables,
  deleteRules,
  type HookName,
  HOOKS,
  newChain,
  newRule,
  newTable,
  readCounts,
  type TableName,
} from "./nf_tables.ts";
import { openTablesSocket, type TablesSocket, uniqueTableName } from "./owned_table.ts";

/**
 * When packets are looked at: all of it before the machine's own filters. What is dropped does not wait in a
 * queue first, and what is observed has passed all the rest.
 */
export const Priority = { drop: -11, shape: -10, copy: -9, observe: -8 } as const;

/** The kernel takes no more rules at once than its socket has room for: each has some 400 bytes. */
const RULES_AT_ONCE = 1_000;

/** The error of a rule that names a target, or an expression, which the kernel lacks. */
const NO_SUCH = 2;

/**
 * Packets that this machine, or the container, does not let pass, hands to a queue, or counts. It is a table
 * of nftables of its own: what others have made there stays as it is. The kernel removes it with the process,
 * whatever that dies of. Needs NET_ADMIN.
 */
export class PacketFilter implements Disposable {
  readonly #socket: TablesSocket;
  readonly #table: TableName = { family: "inet", name: uniqueTableName() };
  readonly #rules: readonly PacketRule[];
  /** For each rule of a chain of the kernel's, in their order, which of the rules it is of. */
  readonly #places: Readonly<Record<string, number[]>> = { in: [], out: [] };
  #isCleared = false;

  private constructor(socket: TablesSocket, rules: readonly PacketRule[]) {
    this.#socket = socket;
    this.#rules = rules;
  }

  /**
   * Does from now on what is said to what the rules concern, but for a port that is to be spared. Throws an
   * error that says what is missing where that is not possible; then nothing is done. Without rules there is
   * no table.
   */
  static open(rules: readonly PacketRule[], options: FilterOptions): PacketFilter {
    try {
      return PacketFilter.#open(rules, options, "target");
    } catch (error) {
      const isOther = !rules.some((rule) => isQueueing(rule, options.fate)) ||
        !(error instanceof NetlinkError) || error.number !== NO_SUCH;
      if (isOther) throw explained(error);
    }
    try {
      // A kernel without the target for queues may have nftables' own.
      return PacketFilter.#open(rules, options, "expression");
    } catch (error) {
      throw explained(error);
    }
  }

  static #open(
    rules: readonly PacketRule[],
    { connect = openTablesSocket, ...options }: FilterOptions,
    queueForm: QueueForm,
  ): PacketFilter {
    const socket = connect();
    try {
      const filter = new PacketFilter(socket, rules);
      // A table takes the kernel longer than all else, and most when it goes again.
      if (rules.length === 0) return filter;
      filter.#create(options);
      filter.#add({ fate: options.fate, queueForm });
      return filter;
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
  }

  /** How many packets each of the rules has concerned. */
  counts(): number[] {
    if (this.#rules.length === 0) return [];
    const counts = this.#rules.map(() => 0);
    const places = { in: [...this.#places.in!], out: [...this.#places.out!] };
    for (const { chain, packets } of readCounts(this.#socket, this.#table)) {
      counts[places[chain as HookName].shift()!]! += packets;
    }
    return counts;
  }

  /**
   * Removes the rules, and leaves what they were in: the kernel drops all packets that wait in any queue of
   * this network when it removes that. Idempotent.
   */
  clear(): void {
    if (this.#isCleared || this.#rules.length === 0) return;
    this.#isCleared = true;
    changeTables(this.#socket, hookNames().map((hook) => deleteRules(this.#table, hook)));
  }

  /** Whether nothing of it is left. */
  get isClosed(): boolean {
    return this.#socket.isClosed;
  }

  /** Lets all packets pass again. Idempotent. */
  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  #create({ fate, stage = stageOf(fate), sparedPort }: FilterOptions): void {
    const table = this.#table;
    const priority = Priority[stage];
    const first = (hook: HookName) => [
      encodeNeighborRule(),
      ...stage === "shape" ? [encodeSparedCopies()] : [],
      ...sparedPort === undefined ? [] : [encodeSparedPort(sparedPort, hook)],
    ];
    changeTables(this.#socket, [
      newTable(table),
      ...hookNames().map((name) =>
        newChain(table, { name, hook: { number: HOOKS[name], priority } })
      ),
      ...hookNames().flatMap((hook) => first(hook).map((rule) => newRule(table, hook, rule))),
    ]);
  }

  #add(end: { readonly fate: PacketFate; readonly queueForm: QueueForm }): void {
    const changes = this.#rules.flatMap((rule, place) => {
      const { direction } = rule;
      const encoded = encodeRule(rule, end);
      this.#places[direction]!.push(...encoded.map(() => place));
      return encoded.map((each) => newRule(this.#table, direction, each));
    });
    for (let at = 0; at < changes.length; at += RULES_AT_ONCE) {
      changeTables(this.#socket, changes.slice(at, at + RULES_AT_ONCE));
    }
  }
}

/** What is done, when, and which packets are spared. */
export interface FilterOptions extends Pick<PacketOptions, "sparedPort"> {
  readonly fate: PacketFate;
  /** @default that of the fate */
  readonly stage?: "drop" | "shape" | "observe" | undefined;
  /** Opens a connection: for tests. @default a socket of netlink */
  readonly connect?: (() => TablesSocket) | undefined;
}

function stageOf(fate: PacketFate): "drop" | "shape" | "observe" {
  if (fate === "drop") return "drop";
  return fate === "count" ? "observe" : "shape";
}

function hookNames(): HookName[] {
  return Object.keys(HOOKS) as HookName[];
}
