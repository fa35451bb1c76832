/// <reference lib="dom" />
import type { ReportData, ReportLane } from "../report_data.ts";

/** Reads what the page was given, from the element that has it. */
export async function readData(): Promise<ReportData> {
  const text = document.getElementById("data")!.textContent!.trim();
  const bytes = bytesOf(text);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(unpacked).json();
}

/** What is in base64; older browsers have no method for that. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 }: { readonly fromBase64?: typeof Uint8Array.fromBase64 } = Uint8Array;
  if (fromBase64) return fromBase64.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** How a lane is called: nodes of several clusters, one after the other, may have one name. */
export function laneName({ lanes }: ReportData, lane: number): string {
  const { cluster, node } = lanes[lane]!;
  const name = node ?? "tests";
  return lanes.at(-1)!.cluster === lanes[0]!.cluster ? name : `${cluster}/${name}`;
}

/** The same as a list of lanes or lines has room for: of several clusters by their numbers. */
export function shortLaneName(data: ReportData, lane: number): string {
  const { cluster, node } = data.lanes[lane]!;
  const last = data.lanes.at(-1)!.cluster;
  if (last === data.lanes[0]!.cluster) return node ?? "tests";
  const number = numbersOf(data).get(cluster);
  return node === undefined ? `${number}: ${cluster}` : `${number}/${node}`;
}

/** The numbers of clusters, in their order. */
function numbersOf(data: ReportData): ReadonlyMap<string, number> {
  const known = NUMBERS.get(data);
  if (known) return known;
  const clusters = new Set(data.lanes.map(({ cluster }) => cluster));
  const numbers = new Map([...clusters].map((cluster, i) => [cluster, i + 1]));
  NUMBERS.set(data, numbers);
  return numbers;
}

/** They are asked for with each line that is shown. */
const NUMBERS = new WeakMap<ReportData, ReadonlyMap<string, number>>();

/** The number of the lane with a name, with or without its cluster; `undefined` if there is none. */
export function laneOfName(data: ReportData, name: string): number | undefined {
  const isIt = ({ cluster, node = "tests" }: ReportLane) =>
    node === name || `${cluster}/${node}` === name;
  const found = data.lanes.findIndex(isIt);
  return found < 0 ? undefined : found;
}

/** Seconds from the start of the run, as everything in the page shows times. */
export function timeText(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
}
