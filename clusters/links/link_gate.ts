import { unlessAborted } from "../concurrency/mod.ts";
import type { Node } from "../node/mod.ts";
import { LinkShape, type StreamShaping } from "./link_shape.ts";

/** Which connections are concerned. @default all */
export interface LinkFilter {
  /** The port of the service. */
  readonly port?: number | undefined;
  /** Relays carry TCP, and nothing else. */
  readonly protocol?: string | undefined;
}

/** What is done to all that goes one way, until it is disposed of. */
export interface GateEffect extends Disposable {
  /** How often it has concerned something. */
  readonly count: number;
}

interface Hold {
  readonly filter: LinkFilter;
  readonly over: PromiseWithResolvers<void>;
  count: number;
}

/** What relayed links let pass from one node to another. */
export class LinkGate {
  readonly #holds = new Set<Hold>();
  readonly #shapes = new Set<LinkShape>();
  #pieces = 0;

  /** Whether something is done, whatever it concerns. */
  get isHeld(): boolean {
    return this.#holds.size + this.#shapes.size > 0;
  }

  /** Nothing passes any more that the filter concerns. */
  hold(filter: LinkFilter): GateEffect {
    const hold: Hold = { filter, over: Promise.withResolvers(), count: 0 };
    this.#holds.add(hold);
    return {
      get count() {
        return hold.count;
      },
      [Symbol.dispose]: () => {
        this.#holds.delete(hold);
        hold.over.resolve();
      },
    };
  }

  /** All passes late, or slowly, that the filter concerns. */
  shape(filter: LinkFilter, shaping: StreamShaping): GateEffect {
    const shape = new LinkShape(filter, shaping);
    this.#shapes.add(shape);
    return {
      get count() {
        return shape.count;
      },
      [Symbol.dispose]: () => {
        this.#shapes.delete(shape);
        shape[Symbol.dispose]();
      },
    };
  }

  /** The number of what passes next, by which it is shaped: links that carry the same have it shaped alike. */
  nextPiece(): number {
    return this.#pieces++;
  }

  /** What passes to or from the service at `port` is shaped by these. */
  shapesOf(port: number): LinkShape[] {
    return [...this.#shapes].filter(({ filter }) => isConcerned(port, filter));
  }

  /**
   * What to wait for before something passes to or from the service at `port`: nothing, or until no hold
   * concerns it any more. Rejects with its reason when `signal` aborts.
   */
  passage(port: number, signal: AbortSignal): Promise<void> | undefined {
    const holds = this.#holdsOf(port);
    if (holds.length === 0) return undefined;
    for (const hold of holds) hold.count++;
    return this.#waitFor(port, signal);
  }

  async #waitFor(port: number, signal: AbortSignal): Promise<void> {
    for (let [hold] = this.#holdsOf(port); hold; [hold] = this.#holdsOf(port)) {
      await unlessAborted(hold.over.promise, signal);
    }
  }

  #holdsOf(port: number): Hold[] {
    return [...this.#holds].filter(({ filter }) => isConcerned(port, filter));
  }
}

function isConcerned(port: number, filter: LinkFilter): boolean {
  return (filter.port ?? port) === port && (filter.protocol ?? "tcp") === "tcp";
}

/** One gate for each way between two nodes. */
export class LinkGates {
  readonly #gates = new WeakMap<Node, WeakMap<Node, LinkGate>>();

  /** Whether something is done to what goes from one node to another. */
  isHeld(from: Node, to: Node): boolean {
    return this.#gates.get(from)?.get(to)?.isHeld ?? false;
  }

  /** That of what goes from one node to another. */
  of(from: Node, to: Node): LinkGate {
    const gates = this.#gates.get(from) ?? new WeakMap<Node, LinkGate>();
    this.#gates.set(from, gates);
    const gate = gates.get(to) ?? new LinkGate();
    gates.set(to, gate);
    return gate;
  }
}
