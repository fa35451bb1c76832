import type { EngineCall } from "./engine_call.ts";
import type { Duplex, Readable } from "node:stream";
import pLimit, { type LimitFunction } from "p-limit";
import { Deadline } from "../../../agent/deadline.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { EngineError } from "./engine_error.ts";
import { type DialMode, type EngineLine, type Forwarded, openLine } from "./engine_line.ts";

/** Creations and removals that an engine is given at a time. */
export const AT_ONCE = 4;

/** Milliseconds in which an engine that works answers a call that only reads. */
const PING_DEADLINE = 3000;

/** Milliseconds that a call may take while the engine seems to be stuck. */
const STUCK_DEADLINE = 3000;

/** What an engine that seems to be stuck does not answer any more. */
type Stuck = "changes" | "everything";

/** A connection to an engine. Disposing it ends the calls that are in flight. */
export class Engine implements AsyncDisposable {
  readonly endpoint: Endpoint;
  /** In the notation of `DOCKER_HOST`. */
  readonly address: string;
  /**
   * Runs a creation or removal when it is its turn. An engine does not get faster by more of them
   * at a time, and some versions can deadlock when many containers come or go at once.
   */
  readonly inTurn: LimitFunction;
  #line: EngineLine;
  #stuck: Stuck | undefined;
  #disposed = new AbortController();

  /** Does not talk to the engine yet; for `ssh`, logs in. */
  static async connect(endpoint: Endpoint, signal?: AbortSignal): Promise<Engine> {
    return new Engine(endpoint, await openLine(endpoint, signal));
  }

  private constructor(endpoint: Endpoint, line: EngineLine) {
    this.endpoint = endpoint;
    this.address = formatEndpoint(endpoint);
    this.inTurn = turnsOf(this.address);
    this.#line = line;
  }

  /** Resolves to the answer, parsed if it is JSON. Throws `EngineError` or the signal's reason. */
  async call<T = unknown>(call: EngineCall): Promise<T> {
    return await this.#dial(call, {}) as T;
  }

  /** Resolves to the answer's body once it begins; the deadline is for that. */
  async stream(call: EngineCall): Promise<Readable> {
    return await this.#dial(call, { isStream: true }) as Readable;
  }

  /** Resolves to a connection that carries bytes both ways once the engine has agreed. */
  async hijack(call: EngineCall): Promise<Duplex> {
    return await this.#dial(call, { isStream: true, hijack: true }) as Duplex;
  }

  /** Opens a way to a port of the engine's machine, where there is no other. */
  async forward(port: number, signal?: AbortSignal): Promise<Forwarded> {
    if (this.#line.forward === undefined) {
      throw new TypeError(`Cannot forward a port of the machine of "${this.address}"`);
    }
    return await this.#line.forward(port, signal);
  }

  /** Ends calls and streams that are in flight. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(new Error(`The connection to the engine at ${this.address} was closed`));
    await this.#line[Symbol.asyncDispose]();
  }

  async #dial(call: EngineCall, how: Omit<DialMode, "signal">): Promise<unknown> {
    const { signal } = call;
    const deadline = this.#deadlineOf(call);
    signal?.throwIfAborted();
    // Ends with the answer, for streams go on after it.
    using until = new Deadline(deadline, [this.#disposed.signal, signal]);
    try {
      const answer = await this.#line.dial(call, { ...how, signal: until.signal });
      if (isChange(call) || this.#stuck === "everything") this.#stuck = undefined;
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      this.#disposed.signal.throwIfAborted();
      if (until.isOver) throw await this.#lateError(call, deadline);
      throw this.#explain(call, error);
    }
  }

  /** Once an engine has failed to do something in time, little is waited for what comes after. */
  #deadlineOf(call: EngineCall): number {
    const { deadline = 30_000 } = call;
    const isStuck = this.#stuck === "everything" || this.#stuck === "changes" && isChange(call);
    return isStuck ? Math.min(deadline, STUCK_DEADLINE) : deadline;
  }

  /** An engine that still answers reads has deadlocked; one that does not is down or far away. */
  async #lateError(call: EngineCall, deadline: number): Promise<EngineError> {
    using until = new Deadline(PING_DEADLINE, [this.#disposed.signal]);
    const ping = { what: "ping", method: "GET", path: "/_ping" } as const;
    const answers = await this.#line.dial(ping, { signal: until.signal })
      .then(() => true, () => false);
    if (!answers) this.#stuck = "everything";
    else if (isChange(call)) this.#stuck = "changes";
    const state = answers
      ? "although it still answers other calls: it has probably deadlocked, as some versions do " +
        "when many containers end at once (moby/libnetwork#2649)"
      : "nor does it answer anything else now";
    const reason = `the engine at ${this.address} has not answered within ${deadline / 1000} s, ` +
      `${state}. Restart the engine, then run "deno task sweep"`;
    return new EngineError(call.what, { reason });
  }

  #explain({ what }: EngineCall, error: unknown): EngineError {
    const { statusCode, json, message } = error as Refusal;
    const said = isMessage(json) ? json.message : message;
    const reason = statusCode === undefined
      ? `the engine at ${this.address} cannot be reached: ${said}`
      : said.trim();
    return new EngineError(what, { reason, status: statusCode, cause: error });
  }
}

function isChange({ method }: EngineCall): boolean {
  return method !== "GET" && method !== "HEAD";
}

interface Refusal extends Error {
  readonly statusCode?: number;
  readonly json?: unknown;
}

function isMessage(json: unknown): json is { message: string } {
  return typeof json === "object" && json !== null && "message" in json &&
    typeof json.message === "string";
}

/**
 * An engine's turns concern all clusters of this process, so they cannot belong to one. An entry is
 * a few bytes; there are as many as there are engines.
 */
const turns = new Map<string, LimitFunction>();

function turnsOf(address: string): LimitFunction {
  const known = turns.get(address) ?? pLimit(AT_ONCE);
  turns.set(address, known);
  return known;
}
