import { settledWithin } from "../../agent/settled_within.ts";
import { aborted, joinWait, unlessAborted } from "../concurrency/mod.ts";
import { HostLostError } from "../../agent/client/host_lost_error.ts";
import { describedError, messageOf } from "../../agent/host/described_error.ts";
import { NodeDownError } from "../errors.ts";
import type { AuthorCall } from "./author_call.ts";
import type { NodeLabel, NodeLife } from "./node_life.ts";
import { SourceFailure } from "./source_failure.ts";

/** Milliseconds that a backend has to say why a node is gone, once its host was found to be. */
const EXPLANATION_TIMEOUT = 5_000;

/** A call on a node that has not ended. */
export interface CallInFlight {
  readonly call: AuthorCall;
  /** When it began, as `performance.now()` gives it. */
  readonly started: number;
}

/**
 * An uptime of a node: it ends when the test kills the node, or the node is lost. Then calls on the node
 * fail, and so does everything that was opened in that uptime; every error names the node.
 */
export class Lifeline {
  readonly #node: NodeLife;
  readonly #ended = new AbortController();
  /** Aborts when the uptime ends by a kill. */
  readonly #down = new AbortController();
  /** Aborts the work on the host, later than `#ended` if the node is killed: see {@linkcode goDown}. */
  readonly #work = new AbortController();
  readonly #calls = new Map<AuthorCall, number>();

  constructor(node: NodeLife) {
    this.#node = node;
  }

  /** The node and its backend. */
  get label(): NodeLabel {
    return this.#node.label;
  }

  /** Aborts when the uptime ends, with a `NodeDownError` or a `NodeLostError`. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** The calls that have not ended, in the order in which they were made. */
  get callsInFlight(): CallInFlight[] {
    return [...this.#calls].map(([call, started]) => ({ call, started }));
  }

  /** Whether the uptime has ended by a kill, and the node was not lost since. */
  get isDown(): boolean {
    return this.signal.aborted && !this.#node.signal.aborted;
  }

  /** Ends the uptime because the node is lost or given back. */
  end(): void {
    this.#ended.abort(this.#node.lossError());
    this.giveUpWork();
  }

  /**
   * Ends the uptime because the test kills the node. Calls fail at once, but their work on the host is not
   * aborted before {@linkcode giveUpWork}: the kill finds orphans by their parents, so no command may be
   * ended before it.
   */
  goDown(): void {
    this.#ended.abort(new NodeDownError(this.label));
    this.#down.abort(this.signal.reason);
  }

  /** Aborts the work on the host of calls that have failed. */
  giveUpWork(): void {
    this.#work.abort(this.signal.reason);
  }

  /** Does work on the node, which ends when the node does or the signal of the call aborts. */
  async during<T>(call: AuthorCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { testOver, emit, waits } = this.#node;
    joinWait({ signal: testOver, emit, waits });
    const { signal } = call;
    signal?.throwIfAborted();
    this.check(call);
    if (!call.isInner) this.#calls.set(call, performance.now());
    const either = signal ? AbortSignal.any([signal, this.#work.signal]) : this.#work.signal;
    try {
      return await unlessAborted(work(either), this.#down.signal);
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      if (error instanceof SourceFailure) throw error.reason;
      throw await this.explain(error, call);
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Throws if the uptime is over. */
  check(call: AuthorCall): void {
    const error = this.endError(call);
    if (error) throw call.located(error);
  }

  /** The error that the call throws for an error of the node's host. */
  async explain(error: unknown, call: AuthorCall): Promise<unknown> {
    if (error instanceof HostLostError) await this.#explanation(error);
    const end = this.endError(call);
    if (end) return call.located(end);
    return call.located(isOfHost(error) ? describedError(error, this.#described(error)) : error);
  }

  /** Waits until the backend has said why the node is gone, or the test has killed it. */
  async #explanation(error: HostLostError): Promise<void> {
    await settledWithin(EXPLANATION_TIMEOUT, aborted(this.signal));
    if (this.signal.aborted) return;
    this.#node.end({ summary: error.reason, cause: error.cause ?? error });
  }

  /** The error of a call that fails because the uptime is over; `undefined` if it is not. */
  endError(call: AuthorCall): Error | undefined {
    const loss = this.#node.lossError(call);
    if (loss || !this.signal.aborted) return loss;
    const isUpAgain = !this.#node.isDown;
    return new NodeDownError({ ...this.label, call: call.name, isUpAgain });
  }

  #described(error: unknown): string {
    const { node, backend } = this.label;
    return `${messageOf(error)} (node "${node}" on ${backend})`;
  }
}

/** Whether an error comes from a host, and has to name it, rather than from wrong arguments. */
export function isOfHost(error: unknown): boolean {
  return error instanceof Error &&
    (Object.hasOwn(Deno.errors, error.name) || error.name === "Error");
}
