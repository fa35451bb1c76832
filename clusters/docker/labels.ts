import {
  type OwnerLabels,
  ownerLabels,
  type Ownership,
  readOwnerLabels,
} from "../ownership/mod.ts";

/** The label that everything has that is ours, and that nothing else has. Its value is a kind. */
export const OWNED_LABEL = "clustertest";

/** What the keys of all other labels begin with. */
const PREFIX = "clustertest.";

/** What a labelled resource is. */
export type ResourceRole =
  | "node"
  | "sidecar"
  | "network"
  | "root"
  | "filler"
  | "agent"
  /** A container that is started again after it has ended, as a machine is. */
  | "machine";

/**
 * Milliseconds that a resource may live at most. After that it is dead even if its owner
 * cannot be judged, because that was on another machine.
 */
export const MAX_LIFE = 24 * 60 * 60 * 1000;

/** Labels that tell a sweep what a resource is, whose, and until when it may live. */
export function ownedLabels(role: ResourceRole, ownership: Ownership): Record<string, string> {
  return { [OWNED_LABEL]: role, ...ownerLabels(ownership, { prefix: PREFIX, maxLife: MAX_LIFE }) };
}

/** Labels of a cache: it belongs to no run. */
export function cacheLabels(version: string): Record<string, string> {
  return { [OWNED_LABEL]: "agent" satisfies ResourceRole, "clustertest.version": version };
}

/** What labels say. */
export interface ResourceLabels extends OwnerLabels {
  readonly role: string;
}

/** Reads the labels of a resource; `undefined` when it is not ours. */
export function readLabels(labels: Readonly<Record<string, string>>): ResourceLabels | undefined {
  const role = labels[OWNED_LABEL];
  return role === undefined ? undefined : { role, ...readOwnerLabels(labels, PREFIX) };
}
