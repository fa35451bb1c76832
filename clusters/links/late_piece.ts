import { delay } from "../../agent/delay.ts";
import type { LinkShape } from "./link_shape.ts";

/** Milliseconds that are not worth a timer. */
const MOMENT = 1;

/** Something that passes a link late, by the shapes that there were when it came. */
export class LatePiece {
  readonly #came = performance.now();
  readonly #lateness: readonly (readonly [LinkShape, milliseconds: number])[];

  /** `number` is that of the piece, by which its jitter is drawn. */
  constructor(shapes: readonly LinkShape[], number: number) {
    this.#lateness = shapes.map((shape) => [shape, shape.latenessOf(number)] as const);
  }

  /** Milliseconds by which it is late. */
  get lateness(): number {
    return this.#lateness.reduce((sum, [shape, late]) => shape.over.aborted ? sum : sum + late, 0);
  }

  /** Waits until it was late for long enough; no longer when `signal` aborts. */
  async passed(signal: AbortSignal): Promise<void> {
    const shapes = this.#lateness.map(([shape]) => shape);
    await untilDue(() => this.#came + this.lateness, { shapes, signal });
  }
}

/** What ends a wait before its time. */
export interface EarlyEnds {
  readonly shapes: readonly LinkShape[];
  readonly signal: AbortSignal;
}

/** Waits for a time that is earlier once a shape is over, and for nothing any more when `signal` has aborted. */
export async function untilDue(due: () => number, { shapes, signal }: EarlyEnds): Promise<void> {
  for (;;) {
    const wait = due() - performance.now();
    if (wait < MOMENT || signal.aborted) return;
    const ends = shapes.map(({ over }) => over).filter(({ aborted }) => !aborted);
    await delay(wait, AbortSignal.any([signal, ...ends])).catch(() => {});
  }
}
