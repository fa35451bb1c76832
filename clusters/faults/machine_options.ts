import type { NodeCallOptions } from "../calls/mod.ts";
import type { Node } from "../node/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { checkNode, seen } from "./fault_options.ts";

/** Of a fault that gives nodes less of their machines. */
export interface MachineFaultOptions extends NodeCallOptions {
  /**
   * Show by probes on the nodes that the fault is there, and later that it is gone. Otherwise it is as the
   * backend says. @default true
   */
  readonly proof?: boolean | undefined;
}

/** Of a full disk. */
export interface FullDiskOptions extends MachineFaultOptions {
  /** Bytes that stay free. @default 0 */
  readonly leave?: number | undefined;
}

/** Of limits. */
export const LIMIT_KINDS: OptionKinds<MachineFaultOptions> = {
  signal: kinds.signal,
  proof: kinds.flag,
};

/** Of full disks. */
export const FULL_DISK_KINDS: OptionKinds<FullDiskOptions> = {
  ...LIMIT_KINDS,
  leave: kinds.number("bytes"),
};

/** The least share of a processor that an engine knows. */
const LEAST_SHARE = 0.01;

/** Throws unless it can be a number of processors. */
export function checkCores(cores: number): void {
  if (typeof cores === "number" && cores >= LEAST_SHARE && cores < Infinity) return;
  throw new RangeError(
    `Cannot limit the CPU: the number of cores must be ${LEAST_SHARE} or more, not ${seen(cores)}`,
  );
}

/** Throws unless it can be an amount of memory. */
export function checkBytes(bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes > 0) return;
  throw new RangeError(
    `Cannot limit the memory: it must be a whole number of bytes above 0, not ${seen(bytes)}`,
  );
}

/** Throws unless a disk can be filled so. */
export function checkFill(path: string, leave: number): void {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`Cannot fill a disk: the path must be that of a folder, not ${seen(path)}`);
  }
  if (Number.isSafeInteger(leave) && leave >= 0) return;
  throw new RangeError(
    `Cannot fill a disk: "leave" must be a whole number of bytes from 0 on, not ${seen(leave)}`,
  );
}

/** The nodes that are named. Throws a `TypeError` unless they are nodes of this cluster. */
export function nodesOf(named: Node | readonly Node[], nodes: readonly Node[]): Node[] {
  const list = Array.isArray(named) ? named as readonly Node[] : [named as Node];
  for (const node of list) checkNode(node, { nodes });
  if (list.length === 0) throw new TypeError("Cannot make a fault: no node is named");
  return [...new Set(list)];
}
