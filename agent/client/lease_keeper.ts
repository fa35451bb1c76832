import { number, record } from "../wire/shape.ts";
import type { Transport } from "../wire/transport.ts";
import type { ClockOffset } from "./clock_offset.ts";
import type { LeaseConnection, LeaseEvents, LeaseRoute } from "./lease_route.ts";

/** Milliseconds by which a clock has to drift before its offset is reported again. */
const WORTH_SAYING = 5;

/** Heartbeats without an answer after which a connection has stalled, and another one is tried. */
const MAX_UNANSWERED = 2;

const replyShape = record({ time: number() });

/** How a lease is kept. */
export interface LeaseKeeperOptions {
  /** Makes what leads to the agent. */
  readonly route: (events: LeaseEvents) => LeaseRoute;
  /** Called with what is known of the node's clock. */
  readonly onClock: (clock: ClockOffset) => void;
}

/** Keeps the lease of one agent. */
export class LeaseKeeper implements AsyncDisposable {
  readonly #route: LeaseRoute;
  readonly #onClock: LeaseKeeperOptions["onClock"];
  #connection: LeaseConnection | undefined;
  #ended = false;
  #sent = 0;
  #unanswered = 0;
  #clock: ClockOffset | undefined;

  /** Throws what `route` does. */
  constructor({ route, onClock }: LeaseKeeperOptions) {
    this.#onClock = onClock;
    this.#route = route({
      opened: (connection) => this.#use(connection),
      said: (text) => this.#take(text),
      closed: (connection) => {
        if (this.#connection === connection) this.#connection = undefined;
      },
    });
  }

  /** Sends a heartbeat, over a new connection if there is none. */
  beat(): void {
    if (this.#unanswered >= MAX_UNANSWERED) this.#drop();
    if (!this.#connection) return this.#route.connect();
    this.#sent = performance.now();
    this.#unanswered += 1;
    this.#connection.send("beat");
  }

  /** Opens a connection for a session of this thread's own; rejects when `signal` aborts. */
  async dial(signal: AbortSignal): Promise<Transport> {
    return await this.#route.dial(signal);
  }

  /** Stops the heartbeats. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#drop();
    await this.#route[Symbol.asyncDispose]();
  }

  #drop(): void {
    this.#connection?.terminate();
    this.#connection = undefined;
  }

  #use(connection: LeaseConnection): void {
    if (this.#ended) return connection.terminate();
    this.#connection = connection;
    this.#unanswered = 0;
    this.beat();
  }

  #take(text: string): void {
    try {
      this.#read(text);
    } catch {
      // Whatever a node sends, the leases of the others are kept.
      this.#drop();
    }
  }

  /** The reply was on its way for half of the time since the heartbeat was sent. */
  #read(reply: string): void {
    const now = performance.now();
    const { time } = replyShape(JSON.parse(reply), "the reply");
    const isToTheLatest = this.#unanswered === 1;
    this.#unanswered = 0;
    if (!isToTheLatest) return;
    // The way there may have taken all of that time, or none of it.
    const error = (now - this.#sent) / 2;
    const clock = { offset: time - (Date.now() - error), error };
    if (this.#clock && !isWorthSaying(clock, this.#clock)) return;
    this.#clock = clock;
    // The clock may drift by what is not reported before it is reported again.
    this.#onClock({ ...clock, error: error + WORTH_SAYING });
  }
}

/** Whether it has moved, further than it may be wrong, or is known far better than before. */
function isWorthSaying(clock: ClockOffset, known: ClockOffset): boolean {
  const moved = Math.abs(clock.offset - known.offset);
  return moved >= Math.max(WORTH_SAYING, clock.error) || clock.error < known.error / 2;
}
