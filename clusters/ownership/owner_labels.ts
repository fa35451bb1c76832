import type { ProcessIdentity, RunIdentity } from "../kit/mod.ts";
import { formatIdentity, parseIdentity } from "./identity_text.ts";

/** What of a run a resource belongs to. */
export interface Ownership {
  /** The run, and with it the owner. */
  readonly run: RunIdentity;
  /** The cluster of the run. */
  readonly clusterId: string;
}

/** What the labels of a resource say of its owner. */
export interface OwnerLabels {
  /** Id of the run. */
  readonly run: string | undefined;
  /** `undefined` when there is none that can be read. */
  readonly owner: ProcessIdentity | undefined;
  /** Milliseconds since the epoch; not a number when that cannot be read. */
  readonly until: number;
}

/** How labels are made. */
export interface OwnerLabelOptions {
  /** What their keys begin with. */
  readonly prefix: string;
  /** Milliseconds that the resource may live; then it is dead even if its owner cannot be judged. */
  readonly maxLife: number;
}

/**
 * Labels that tell a sweep whose a resource is, and until when it may live. Their values have at most
 * 63 characters, all of them letters, digits, hyphens and full stops.
 */
export function ownerLabels(
  { run, clusterId }: Ownership,
  { prefix, maxLife }: OwnerLabelOptions,
): Record<string, string> {
  return {
    [`${prefix}run`]: run.id,
    [`${prefix}cluster`]: clusterId,
    [`${prefix}owner`]: formatIdentity(run.owner),
    [`${prefix}until`]: formatTime(Date.now() + maxLife),
  };
}

/** Reads such labels. */
export function readOwnerLabels(
  labels: Readonly<Record<string, string>>,
  prefix: string,
): OwnerLabels {
  return {
    run: labels[`${prefix}run`],
    owner: parseIdentity(labels[`${prefix}owner`]),
    until: parseTime(labels[`${prefix}until`] ?? ""),
  };
}

/** As in `2026-11-30T06.52.28Z`: labels of some systems take no colon. */
function formatTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z").replaceAll(":", ".");
}

/** Reads also what earlier versions wrote, with colons. */
function parseTime(text: string): number {
  return Date.parse(text.replace(/T(\d\d)\.(\d\d)\.(\d\d)Z$/, "T$1:$2:$3Z"));
}
