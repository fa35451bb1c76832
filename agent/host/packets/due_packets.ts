import type { PacketChange } from "./packet_queue.ts";

/** Packets that wait, by when they are to go on: a binary heap. Of those with the same time, the first first. */
export class DuePackets {
  readonly #items: OrderedPacket[] = [];
  #added = 0;

  /** When the first of them is to go on; never if there is none. */
  get next(): number {
    return this.#items[0]?.due ?? Infinity;
  }

  /** Adds one. */
  add({ id, due, change }: DuePacket): void {
    const items = this.#items;
    const item = { id, due, change, order: this.#added++ };
    let at = items.push(item) - 1;
    for (let parent; at > 0 && isBefore(item, items[parent = (at - 1) >> 1]!); at = parent) {
      items[at] = items[parent]!;
    }
    items[at] = item;
  }

  /** Takes the first of them away. */
  take(): DuePacket | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let at = 0;
    for (let child; (child = this.#firstChild(at)) !== undefined; at = child) {
      if (!isBefore(items[child]!, last)) break;
      items[at] = items[child]!;
    }
    items[at] = last;
    return first;
  }

  #firstChild(at: number): number | undefined {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    if (left >= this.#items.length) return undefined;
    const hasRight = right < this.#items.length;
    return hasRight && isBefore(this.#items[right]!, this.#items[left]!) ? right : left;
  }
}

/** One of them. */
export interface DuePacket {
  /** The kernel's number of it. */
  readonly id: number;
  readonly due: number;
  /** How it goes on; as it is without. */
  readonly change?: PacketChange | undefined;
}

interface OrderedPacket extends DuePacket {
  readonly order: number;
}

function isBefore(one: OrderedPacket, other: OrderedPacket): boolean {
  return one.due < other.due || one.due === other.due && one.order < other.order;
}
