import {
  BackendUnusableError,
  CommandError,
  EssentialProcessError,
  MissingAbilityError,
  NodeDownError,
  NodeLostError,
  NodesFailedError,
  ProcessEndedError,
  TestTimeoutError,
  TimeoutError,
} from "../errors.ts";

import { checkOptions, kinds, type OptionKind } from "../options/mod.ts";
import { authorPlaces } from "./author_places.ts";

/** A member of a public class. */
export type Member = (...args: never) => unknown;

/** The getter of a property. */
export function getterOf(object: object, property: string): Member {
  return Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), property)!.get!;
}

/** The options that most members take. */
export interface CancellableOptions {
  readonly signal?: AbortSignal | null | undefined;
}

const CALL_KINDS = { signal: kinds.signal };

/** What a call is made with, besides the member. */
export interface AuthorCallOptions {
  /** What the member belongs to. @default "node" */
  readonly on?:
    | "cluster"
    | "cluster.faults"
    | "fault"
    | "node"
    | "process"
    | "file"
    | "connection"
    | "listener"
    | "forward"
    | "forwards"
    | "link"
    | "mesh";
  /** The arguments that errors quote, to tell one call from another. @default none */
  readonly of?: readonly unknown[];
  /** What the author has passed. Aborting its signal gives the call up. */
  readonly options?: CancellableOptions | object | undefined;
  /** The kinds of what may be in `options`. @default a signal */
  readonly kinds?: Readonly<Record<string, OptionKind>>;
  /** The signal of the call, in place of that in `options`. */
  readonly signal?: AbortSignal | null | undefined;
  /** Aborting this gives the call up as well. */
  readonly over?: AbortSignal | undefined;
  /** The name of the call in errors, in place of member and arguments: `stdout` for a property. */
  readonly name?: string;
  /** Whether it is made within another call, for which the author waits. @default false */
  readonly isInner?: boolean;
  /** Whether events are to say where it was made, by {@linkcode AuthorCall.places}. @default false */
  readonly isPlaced?: boolean;
}

/** Lines of the author's code that events name for one call. */
const MAX_PLACES = 3;

/** The errors of JavaScript and of Deno that are thrown here. */
const BUILT_IN: ReadonlySet<unknown> = new Set<unknown>([
  ...[Error, TypeError, RangeError, AggregateError],
  ...Object.values(Deno.errors),
]);

/** Errors without private fields, so that a prototype and own properties make an instance. */
const KNOWN: ReadonlySet<unknown> = new Set<unknown>([
  ...BUILT_IN,
  ...[CommandError, ProcessEndedError, EssentialProcessError, TestTimeoutError, TimeoutError],
  ...[NodeDownError, NodeLostError, NodesFailedError, MissingAbilityError, BackendUnusableError],
]);

/** Characters of each argument that errors quote. */
const QUOTED = 80;

/**
 * A call that the author of a test makes. Whatever fails in it, at whatever time and place, is
 * thrown with the stack of the call, whose first frame is the author's own line.
 */
export class AuthorCall {
  readonly signal: AbortSignal | undefined;
  readonly #member: Member;
  readonly #options: AuthorCallOptions;
  /** An error that was made where the call was, until it becomes the one that is thrown. */
  #place: Error | undefined;
  /** A second one, whose stack is read as text; after that, it could not become the error that is thrown. */
  readonly #site: Error | undefined;

  /**
   * Has to be called by `member`, before it waits for anything. Throws a `TypeError` when the author's
   * options have a wrong name or value.
   */
  constructor(member: Member, options: AuthorCallOptions = {}) {
    this.#member = member;
    this.#options = options;
    this.#place = stackAbove(member);
    const { options: passed, kinds = CALL_KINDS } = options;
    if (passed !== undefined) this.check(() => checkOptions(`call ${this.name}`, passed, kinds));
    const own = (options.signal ?? (passed as CancellableOptions | undefined)?.signal) ?? undefined;
    this.signal = own && options.over ? AbortSignal.any([own, options.over]) : own ?? options.over;
    if (options.isPlaced) this.#site = stackAbove(member);
  }

  /** Lines of the author's code that have made it, the innermost one first; a few at most. */
  get places(): string[] {
    return this.#site ? authorPlaces(this.#site.stack ?? "").slice(0, MAX_PLACES) : [];
  }

  /** Whether the author waits for another call, in which this one is made. */
  get isInner(): boolean {
    return this.#options.isInner ?? false;
  }

  /** The name of the call in errors: `node.readFile("greetings/hello.txt")`. */
  get name(): string {
    const { on = "node", of = [], name } = this.#options;
    const member = name ?? `${this.#member.name}(${of.map(quoted).join(", ")})`;
    // The name of a member such as `Symbol.asyncDispose` has brackets of its own.
    return `${on}${member.startsWith("[") ? "" : "."}${member}`;
  }

  /** Does work whose errors get the stack of the call. */
  async during<T>(work: () => PromiseLike<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.located(error);
    }
  }

  /** Does work at once whose errors get the stack of the call. */
  now<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.located(error);
    }
  }

  /** As {@linkcode now}, for a check of what the author has given: where that was done helps nobody. */
  check<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const located = this.located(error);
      if (located instanceof Error && located.cause === error) delete located.cause;
      throw located;
    }
  }

  /**
   * The error with the stack of the call, of the same class and with the same fields. The reason with which
   * the call's signal aborted is returned unchanged.
   */
  located(error: unknown): unknown {
    const place = this.#place;
    if (!(error instanceof Error) || !place || this.#isGivenUpWith(error)) return error;
    this.#place = undefined;
    return KNOWN.has(error.constructor) ? reborn(error, place) : withFrames(error, place);
  }

  /**
   * An error that tells of the call while it goes on, with the stack of the call. A later error of the call
   * itself keeps its own stack.
   */
  lendStack(error: Error): Error {
    const place = this.#place;
    if (!place) return error;
    this.#place = undefined;
    return reborn(error, place);
  }

  #isGivenUpWith(error: unknown): boolean {
    return this.signal !== undefined && this.signal.aborted && this.signal.reason === error;
  }
}

/** An error with the stack of the caller of `member`, which is made into text when needed. */
function stackAbove(member: Member): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new Error();
  Error.stackTraceLimit = limit;
  Error.captureStackTrace(error, member);
  return error;
}

/**
 * Turns `place` into a copy of `error`. Changing the stack of `error` would not do: the runtime shows the
 * author's line of code only for a stack that it has captured itself, and one error may fail several calls.
 */
function reborn(error: Error, place: Error): Error {
  const { stack: _, ...fields } = Object.getOwnPropertyDescriptors(error);
  Object.defineProperties(Object.setPrototypeOf(place, Object.getPrototypeOf(error)), fields);
  if (isUnexpected(error) && error.cause === undefined) place.cause = error;
  return place;
}

/**
 * Whether the stack of `error` says more than its message and its parts do: not if its message has the form
 * of those that are thrown on purpose. A `TypeError` of that form may be one of JavaScript's own.
 */
function isUnexpected(error: Error): boolean {
  if (!BUILT_IN.has(error.constructor) || error instanceof AggregateError) return false;
  return error instanceof TypeError || !error.message.startsWith("Cannot ");
}

/** The same error, with the frames of `place` in place of its own. */
function withFrames(error: Error, place: Error): Error {
  const frames = place.stack?.indexOf("\n    at ") ?? -1;
  if (frames < 0) return error;
  Reflect.set(error, "stack", `${error.name}: ${error.message}${place.stack!.slice(frames)}`);
  return error;
}

function quoted(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : Deno.inspect(value);
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
}
