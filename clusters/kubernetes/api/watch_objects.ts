import type { IncomingMessage } from "node:http";
import { Deadline } from "../../../agent/deadline.ts";
import { delay } from "../../../agent/delay.ts";
import { BackendUnusableError } from "../../errors.ts";
import { type ApiCall, ApiError, refusal, type Status } from "./api_error.ts";
import { type Answer, textOf } from "./exchange.ts";
import type { KubeList, KubeObject } from "./kube_objects.ts";

/** Seconds after which the server ends a watch, which is then begun again where it was. */
const WATCH_TIME = 60;

/** Milliseconds more until a watch whose end does not come counts as broken. */
const SILENCE = 15_000;

/** Milliseconds until a watch that was broken is begun again: at first, and at most. */
const PAUSES = { first: 100, last: 2_000 };

/** What has become of an object. */
export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

/** What is watched. */
export interface WatchSource<T> {
  readonly call: ApiCall;
  readonly signal: AbortSignal;
  readonly list: () => Promise<KubeList<T>>;
  readonly stream: (version: string, seconds: number, signal: AbortSignal) => Promise<Answer>;
}

/** A line of a watch. */
interface Line<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T & KubeObject & Status;
}

/** Follows objects: lists them, and watches from there, again and again. */
export async function* watchObjects<T extends KubeObject>(
  source: WatchSource<T>,
): AsyncGenerator<WatchEvent<T>> {
  const { signal, list } = source;
  const known = new Map<string, T>();
  let pause = PAUSES.first;
  let version: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    if (version === undefined) {
      const listed = await unlessAway(list);
      if (listed === undefined) continue;
      yield* changesTo(listed.items, known);
      version = listed.metadata.resourceVersion;
    }
    const onAnswer = () => pause = PAUSES.first;
    version = yield* follow(source, { from: version, known, onAnswer });
    signal.throwIfAborted();
    await delay(pause, signal);
    pause = Math.min(PAUSES.last, 2 * pause);
  }
}

/** `undefined` when the server is away for longer than a call waits for it. */
async function unlessAway<T>(list: () => Promise<T>): Promise<T | undefined> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof ApiError && isPassing(error.status)) return undefined;
    throw error;
  }
}

/** Whether it says nothing about what was asked for. */
function isPassing(status: number | undefined): boolean {
  return status === undefined || status === 429 || status >= 500;
}

interface Position<T> {
  readonly from: string;
  readonly known: Map<string, T>;
  /** Called once the server follows. */
  readonly onAnswer: () => void;
}

/** One watch. Returns from where the next one goes on; `undefined` if the server has forgotten that. */
async function* follow<T extends KubeObject>(
  { call, signal, stream }: WatchSource<T>,
  { from, known, onAnswer }: Position<T>,
): AsyncGenerator<WatchEvent<T>, string | undefined> {
  using deadline = new Deadline(1000 * WATCH_TIME + SILENCE, [signal]);
  let version = from;
  try {
    const { status, body } = await stream(from, WATCH_TIME, deadline.signal);
    if (status === 410) return undefined;
    if (status >= 300) {
      const text = await textOf(body, deadline.signal);
      if (!isPassing(status)) throw refusal(call, { status, text });
      return version;
    }
    onAnswer();
    for await (const line of linesOf(body, deadline.signal)) {
      const { type, object } = JSON.parse(line) as Line<T>;
      if (type === "ERROR") return object.code === 410 ? undefined : version;
      version = object.metadata.resourceVersion ?? version;
      if (type === "BOOKMARK") continue;
      const { name } = object.metadata;
      if (type === "DELETED") known.delete(name);
      else known.set(name, object);
      yield { type, object };
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ApiError || error instanceof BackendUnusableError) throw error;
    // A connection that is broken is another reason to begin again.
  }
  return version;
}

/** What has happened to objects between two lists. */
function* changesTo<T extends KubeObject>(
  items: readonly T[],
  known: Map<string, T>,
): Generator<WatchEvent<T>> {
  const gone = new Map(known);
  for (const object of items) {
    const { name, uid, resourceVersion } = object.metadata;
    const before = known.get(name);
    const isSame = before !== undefined && before.metadata.uid === uid;
    if (before && !isSame) yield { type: "DELETED", object: before };
    known.set(name, object);
    gone.delete(name);
    if (!isSame) yield { type: "ADDED", object };
    else if (before.metadata.resourceVersion !== resourceVersion) {
      yield { type: "MODIFIED", object };
    }
  }
  for (const [name, object] of gone) {
    known.delete(name);
    yield { type: "DELETED", object };
  }
}

/** Reads as it comes: an end that nobody waits for would not be told later. */
async function* linesOf(body: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
  const lines: string[] = [];
  let rest = "";
  let isOver = false;
  let more = Promise.withResolvers<void>();
  const wake = () => {
    more.resolve();
    more = Promise.withResolvers();
  };
  const end = () => {
    isOver = true;
    wake();
  };
  body.setEncoding("utf8");
  body.on("data", (part: string) => {
    const parts = (rest + part).split("\n");
    rest = parts.pop()!;
    lines.push(...parts.filter((line) => line !== ""));
    wake();
  });
  for (const event of ["end", "error", "aborted", "close"]) body.on(event, end);
  signal.addEventListener("abort", end, { once: true });
  try {
    while (lines.length > 0 || !isOver) {
      const next = lines.shift();
      if (next === undefined) await more.promise;
      else yield next;
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", end);
    body.destroy();
  }
}
