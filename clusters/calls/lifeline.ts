import { settledWithin } from "../../agent/settled_within.ts";
import { aborted } from "../concurrency/mod.ts";
import { HostLostError } from "../../agent/client/host_lost_error.ts";
import { describedError, messageOf } from "../../agent/host/described_error.ts";
import type { LossReason } from "../kit/mod.ts";
import type { AuthorCall } from "./author_call.ts";
import { NodeLostError } from "../errors.ts";
import { SourceFailure } from "./source_failure.ts";

/** Milliseconds that a backend has to say why a node is gone, once its host was found to be. */
const EXPLANATION_TIMEOUT = 5_000;

/** The name of a node, and of its backend, as errors give them. */
export interface NodeLabel {
  readonly node: string;
  readonly backend: string;
}

/** A call on a node that has not ended. */
export interface CallInFlight {
  /** As errors name it. */
  readonly name: string;
  /** When it began, as `performance.now()` gives it. */
  readonly started: number;
}

/** The life of a node. Calls on the node fail when it ends, and every error says which node. */
export class Lifeline {
  readonly label: NodeLabel;
  readonly #controller = new AbortController();
  readonly #calls = new Map<AuthorCall, number>();
  #reason: LossReason | undefined;

  constructor(label: NodeLabel, lost: Promise<LossReason>) {
    this.label = label;
    lost.then((reason) => this.end(reason));
  }

  /** Aborts, with a `NodeLostError`, when the node is gone. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the test waits for, in the order in which it was asked for. */
  get callsInFlight(): CallInFlight[] {
    return [...this.#calls].map(([{ name }, started]) => ({ name, started }));
  }

  /** The node is gone, for this reason; a reason that was given before stays. */
  end(reason: LossReason): void {
    if (this.signal.aborted) return;
    this.#reason = reason;
    this.#controller.abort(this.#lossError(reason));
  }

  /** Does work on the node, which ends when the node does or the signal of the call aborts. */
  async during<T>(call: AuthorCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = call;
    signal?.throwIfAborted();
    this.check(call);
    this.#calls.set(call, performance.now());
    try {
      return await work(signal ? AbortSignal.any([signal, this.signal]) : this.signal);
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      if (error instanceof SourceFailure) throw error.reason;
      throw await this.explain(error, call);
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Throws if the node is gone. */
  check(call: AuthorCall): void {
    if (this.#reason) throw call.located(this.#lossError(this.#reason, call));
  }

  /** What the call is to throw for an error of the node's host. */
  async explain(error: unknown, call: AuthorCall): Promise<unknown> {
    if (error instanceof HostLostError) await this.#explanation(error);
    if (this.#reason) return call.located(this.#lossError(this.#reason, call));
    return call.located(isOfHost(error) ? describedError(error, this.#described(error)) : error);
  }

  /** Waits until the backend has said why the node is gone. */
  async #explanation(error: HostLostError): Promise<void> {
    await settledWithin(EXPLANATION_TIMEOUT, aborted(this.signal));
    this.end({ summary: error.reason, cause: error.cause ?? error });
  }

  #lossError(
    { summary: reason, details = [], cause }: LossReason,
    call?: AuthorCall,
  ): NodeLostError {
    const options = cause === undefined ? undefined : { cause };
    return new NodeLostError({ ...this.label, reason, details, call: call?.name }, options);
  }

  #described(error: unknown): string {
    return `${messageOf(error)} (node "${this.label.node}" on ${this.label.backend})`;
  }
}

/** Whether the error is about the host, so that it has to say which: not about its arguments. */
export function isOfHost(error: unknown): boolean {
  return error instanceof Error &&
    (Object.hasOwn(Deno.errors, error.name) || error.name === "Error");
}
