import { draw } from "../../agent/host/packets/draw.ts";
import type { PacketShaping } from "../../agent/host/host.ts";
import type { GateEffect, LinkFilter } from "./link_gate.ts";

/** What can be done to streams of bytes: of packets more can. */
export type StreamShaping = Pick<PacketShaping, "latency" | "jitter" | "bandwidth" | "seed">;

/** Milliseconds that a link which was idle may send at once what it has not sent. */
const BURST = 20;

/** Makes what goes one way late, or slow, until it is disposed of. */
export class LinkShape implements GateEffect {
  readonly filter: LinkFilter;
  readonly #shaping: StreamShaping;
  readonly #over = new AbortController();
  #count = 0;
  /** When the bytes that were let pass until now have passed. */
  #free = -Infinity;

  constructor(filter: LinkFilter, shaping: StreamShaping) {
    this.filter = filter;
    this.#shaping = shaping;
  }

  /** How many pieces it has concerned. */
  get count(): number {
    return this.#count;
  }

  /** Aborts when it is disposed of. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Milliseconds by which a piece is late: the same for the same number and seed. */
  latenessOf(piece: number): number {
    this.#count++;
    const { latency = 0, jitter = 0, seed } = this.#shaping;
    return latency + jitter * (2 * draw(seed, piece) - 1);
  }

  /** Bits that pass in a second. */
  get bandwidth(): number {
    return this.#shaping.bandwidth ?? Infinity;
  }

  /** Takes the next turn for so many bytes; returns when they have passed, as `performance.now()` tells it. */
  take(bytes: number): number {
    const duration = bytes * 8_000 / this.bandwidth;
    this.#free = Math.max(this.#free, performance.now() - BURST) + duration;
    return this.#free;
  }

  /** Lets all of it pass that waits. */
  [Symbol.dispose](): void {
    this.#over.abort();
  }
}
