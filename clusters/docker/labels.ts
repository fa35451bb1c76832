import type { ProcessIdentity, RunIdentity } from "../kit/mod.ts";

/** The label that everything has that is ours, and that nothing else has. Its value is a kind. */
export const OURS = "clustertest";

/** What a labelled resource is. */
export type ResourceRole = "node" | "network" | "root" | "filler" | "agent";

/** What of a run a resource belongs to. */
export interface Ownership {
  readonly run: RunIdentity;
  readonly clusterId: string;
}

/**
 * Milliseconds that a resource may live at most. After that it is dead even if nobody can tell
 * whether its owner is, because that was on another machine.
 */
export const MAX_LIFE = 24 * 60 * 60 * 1000;

/** Labels that tell a sweep what a resource is, whose, and until when it may live. */
export function ownedLabels(
  role: ResourceRole,
  { run, clusterId }: Ownership,
): Record<string, string> {
  return {
    [OURS]: role,
    "clustertest.run": run.id,
    "clustertest.cluster": clusterId,
    "clustertest.owner": JSON.stringify(run.owner),
    "clustertest.until": new Date(Date.now() + MAX_LIFE).toISOString(),
  };
}

/** Labels of a cache: it belongs to no run. */
export function cacheLabels(version: string): Record<string, string> {
  return { [OURS]: "agent" satisfies ResourceRole, "clustertest.version": version };
}

/** What labels say. */
export interface ResourceLabels {
  readonly role: string;
  readonly run: string | undefined;
  readonly owner: ProcessIdentity | undefined;
  /** Milliseconds since the epoch; not a number when the label is missing. */
  readonly until: number;
}

/** Reads the labels of a resource; `undefined` when it is not ours. */
export function readLabels(labels: Readonly<Record<string, string>>): ResourceLabels | undefined {
  const role = labels[OURS];
  if (role === undefined) return undefined;
  return {
    role,
    run: labels["clustertest.run"],
    owner: parseOwner(labels["clustertest.owner"]),
    until: Date.parse(labels["clustertest.until"] ?? ""),
  };
}

function parseOwner(text = "null"): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
