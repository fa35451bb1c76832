import type { HeartbeatCommand } from "./heartbeat_messages.ts";

type Command<T extends HeartbeatCommand["type"]> = Extract<HeartbeatCommand, { type: T }>;

/** The orders to a thread that sends heartbeats which are still in force: a thread that replaces it gets them, too. */
export class StandingCommands {
  #begin: Command<"begin"> | undefined;
  readonly #added = new Map<number, Command<"add">>();
  readonly #renewals = new Map<number, Command<"renew">>();
  readonly #offers = new Map<string, Command<"offer">>();

  /** Keeps a command, or forgets the one that it takes back. */
  note(command: HeartbeatCommand): void {
    switch (command.type) {
      case "begin":
        this.#begin = command;
        return;
      case "add":
        this.#added.set(command.id, command);
        return;
      case "renew":
        this.#renewals.set(command.id, command);
        return;
      case "remove":
        this.#added.delete(command.id);
        this.#renewals.delete(command.id);
        return;
      case "offer":
        this.#offers.set(keyOf(command.offer), command);
        return;
      case "withdraw":
        this.#offers.delete(keyOf(command.withdrawal));
        return;
      default:
        throw new TypeError(`Unknown command ${command satisfies never}`);
    }
  }

  /** All of them, in an order in which a thread can take them. */
  *[Symbol.iterator](): Generator<HeartbeatCommand> {
    if (this.#begin) yield this.#begin;
    yield* this.#added.values();
    yield* this.#renewals.values();
    yield* this.#offers.values();
  }

  /** Paths of the Unix sockets at which the thread listens. */
  get sockets(): readonly string[] {
    const agents = [...this.#added.values()].map(({ agent }) => agent);
    const leases = agents.flatMap((agent) => "path" in agent ? [agent.path] : []);
    return [...leases, ...new Set([...this.#offers.values()].map(({ offer }) => offer.path))];
  }
}

function keyOf({ cluster, node }: { readonly cluster: string; readonly node: string }): string {
  return JSON.stringify([cluster, node]);
}
