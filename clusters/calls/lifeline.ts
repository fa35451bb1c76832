import { settledWithin } from "../../agent/settled_within.ts";
import { aborted, endWaitBy, unlessAborted } from "../concurrency/mod.ts";
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
  /** As errors name it. */
  readonly name: string;
  /** When it began, as `performance.now()` gives it. */
  readonly started: number;
}

/**
 * A time that a node is up: until the test kills the node, or the node is lost. Calls on the node fail
 * when it ends, and so does everything that was opened in it; every error says which node.
 */
export class Lifeline {
  readonly #node: NodeLife;
  readonly #ended = new AbortController();
  /** Aborts when it ends by a kill. */
  readonly #down = new AbortController();
  /** Aborts what is done on the host, which a kill is to find as it is: see {@linkcode goDown}. */
  readonly #work = new AbortController();
  readonly #calls = new Map<AuthorCall, number>();

  constructor(node: NodeLife) {
    this.#node = node;
  }

  /** Whose it is. */
  get label(): NodeLabel {
    return this.#node.label;
  }

  /** Aborts when this time is over, with a `NodeDownError` or a `NodeLostError`. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** What the test waits for, in the order in which it was asked for. */
  get callsInFlight(): CallInFlight[] {
    return [...this.#calls].map(([{ name }, started]) => ({ name, started }));
  }

  /** Whether it has ended by a kill, and its node is not lost since then. */
  get isDown(): boolean {
    return this.signal.aborted && !this.#node.signal.aborted;
  }

  /** The node is gone. */
  end(): void {
    this.#ended.abort(this.#node.lossError());
    this.giveUpWork();
  }

  /**
   * The test kills the node, which is not gone. Calls fail at once; but nothing is asked of the host until
   * {@linkcode giveUpWork}: a command that was ended for its call first would leave its orphans behind,
   * which a kill finds by their parents.
   */
  goDown(): void {
    this.#ended.abort(new NodeDownError(this.label));
    this.#down.abort(this.signal.reason);
  }

  /** Ends what is done on the host for calls that have failed. */
  giveUpWork(): void {
    this.#work.abort(this.signal.reason);
  }

  /** Does work on the node, which ends when the node does or the signal of the call aborts. */
  async during<T>(call: AuthorCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    endWaitBy(this.#node.testOver);
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

  /** Throws if this time is over. */
  check(call: AuthorCall): void {
    const error = this.endError(call);
    if (error) throw call.located(error);
  }

  /** What the call is to throw for an error of the node's host. */
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

  /** That this time is over, if it is, for a call that it has failed. */
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

/** Whether the error is about the host, so that it has to say which: not about its arguments. */
export function isOfHost(error: unknown): boolean {
  return error instanceof Error &&
    (Object.hasOwn(Deno.errors, error.name) || error.name === "Error");
}
