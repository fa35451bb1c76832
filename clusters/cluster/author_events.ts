import { type AuthorCall, emitAfter } from "../calls/mod.ts";
import type { OpenWait } from "../concurrency/mod.ts";
import type { Emit, Measure } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { kinds, type OptionKinds, valueKind } from "../options/mod.ts";

/** What a measured number is about. */
export interface MeasureOptions {
  /** The node of the cluster that it is about. @default none: it is about the cluster */
  readonly node?: Node | undefined;
  /** What it counts, as in `"ms"`; at most 40 characters. @default nothing */
  readonly unit?: string | undefined;
}

/** The kinds of the options of `measure()`. */
export const MEASURE_KINDS: OptionKinds<MeasureOptions> = {
  node: kinds.anything,
  unit: kinds.text,
};

/** Characters of a note. */
const MAX_NOTE = 10_000;

/** Characters of the name of a step, or of what was measured. */
const MAX_NAME = 200;

/** Characters of a unit. */
const MAX_UNIT = 40;

/** Throws unless this is a note that people can read. */
export function checkNote(text: unknown): void {
  checkText("note it: a note", text, MAX_NOTE);
}

/** Throws unless this says what there is to see. */
export function checkHoldText(text: unknown): void {
  if (typeof text === "string" && text.trim() !== "") return;
  throw new TypeError(
    'Cannot hold a cluster: its text must say what there is to see, as in hold("look at node2")',
  );
}

/** A measure as it is recorded, of a cluster with these nodes; throws if it cannot be recorded. */
export function checkedMeasure(
  { name, value, options: { node, unit } }: {
    readonly name: unknown;
    readonly value: unknown;
    readonly options: MeasureOptions;
  },
  nodes: readonly Node[],
): Measure {
  checkText("record a measure: its name", name, MAX_NAME);
  if (typeof value !== "number") {
    const kind = valueKind(value);
    throw new TypeError(`Cannot record a measure: its value must be a number, not a ${kind}`);
  }
  if (!Number.isFinite(value)) {
    throw new RangeError(`Cannot record a measure: its value must be finite, not ${value}`);
  }
  if (unit !== undefined) checkText("record a measure: its unit", unit, MAX_UNIT);
  if (node !== undefined && !nodes.includes(node)) {
    throw new TypeError("Cannot record a measure: its node must be one of this cluster");
  }
  const about = { ...unit !== undefined && { unit }, ...node && { node: node.name } };
  return { name: name as string, value, ...about };
}

/** A step of a test, for {@linkcode doStep}. */
export interface Step<T> {
  readonly name: string;
  readonly body: () => T | PromiseLike<T>;
  readonly emit: Emit;
  readonly call: AuthorCall;
  /** The steps that go on: it is one of them until it ends. */
  readonly ongoing: Set<OpenWait>;
  /** Gives a number that nothing else in the cluster has. */
  readonly nextId: () => number;
}

/** Throws unless this can be a step. */
export function checkStep(name: unknown, body: unknown): void {
  checkText("begin a step: its name", name, MAX_NAME);
  if (typeof body === "function") return;
  const kind = valueKind(body);
  throw new TypeError(`Cannot begin a step: its body must be a function, not a ${kind}`);
}

/** Does a step. What its body throws is thrown unchanged. */
export async function doStep<T>(
  { name, body, emit, call, ongoing, nextId }: Step<T>,
): Promise<T> {
  const step = { step: `step${nextId()}`, name };
  emit({ type: "step-started", ...step, places: call.places });
  const wait: OpenWait = {
    started: performance.now(),
    lendStack: (error) => call.lendStack(error),
  };
  ongoing.add(wait);
  try {
    return await emitAfter(
      async () => await body(),
      (end) => emit({ type: "step-ended", ...step, ...end }),
    );
  } finally {
    ongoing.delete(wait);
  }
}

function checkText(what: string, text: unknown, size: number): void {
  if (typeof text !== "string") {
    throw new TypeError(`Cannot ${what} must be a string, not a ${valueKind(text)}`);
  }
  if (text.trim() === "") throw new TypeError(`Cannot ${what} must not be empty`);
  if (text.length > size) {
    throw new RangeError(`Cannot ${what} has ${text.length} characters, and ${size} at most`);
  }
}
