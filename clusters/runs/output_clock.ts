import { join } from "node:path";
import { type OutputTime, TIMES_FILE } from "../record/mod.ts";
import { fileLines } from "./file_lines.ts";
import { jsonOf } from "./json_of.ts";
import type { OutputIdentity } from "./output_identity.ts";

/** When it came what was written from an offset on. */
interface OutputMoment {
  readonly time: number;
  readonly offset: number;
}

/** When the outputs in the record of a cluster were written. */
export class OutputClock {
  readonly #path: string;
  readonly #moments = new Map<string, OutputMoment[]>();
  /** For what has no time of its own. */
  readonly #start: number;
  #place = 0;

  /** `start` is when the cluster was created. */
  constructor(folder: string, start: number) {
    this.#path = join(folder, TIMES_FILE);
    this.#start = start;
  }

  /** Reads what was recorded since. */
  update(): void {
    for (const { bytes, place, isWhole } of fileLines(this.#path, { from: this.#place })) {
      if (!isWhole) return;
      this.#place = place + bytes.length + 1;
      const moment = jsonOf(bytes);
      if (!isOutputTime(moment)) continue;
      const [time, node, number, output, offset] = moment;
      const key = keyOf({ node, number, output });
      const moments = this.#moments.get(key) ?? [];
      if (moments.length === 0) this.#moments.set(key, moments);
      moments.push({ time, offset });
    }
  }

  /** When the line came that begins at this offset. */
  timeOf(source: OutputIdentity, offset: number): number {
    const moments = this.#moments.get(keyOf(source)) ?? [];
    let [low, high] = [0, moments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moments[middle]!.offset <= offset) low = middle + 1;
      else high = middle;
    }
    return moments[low - 1]?.time ?? this.#start;
  }
}

type Key = Pick<OutputIdentity, "node" | "number" | "output">;

function keyOf({ node, number, output }: Key): string {
  return `${node}/${number}/${output}`;
}

function isOutputTime(value: unknown): value is OutputTime {
  if (!Array.isArray(value)) return false;
  const [time, node, number, output, offset] = value;
  return [time, number, offset].every(Number.isFinite) &&
    [node, output].every((text) => typeof text === "string");
}
