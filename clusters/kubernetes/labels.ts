import {
  type OwnerLabels,
  ownerLabels,
  type Ownership,
  readOwnerLabels,
} from "../ownership/mod.ts";

/** The label that everything has that is ours, and that nothing else has. Its value is a kind. */
export const OURS = "clustertest";

/** What the keys of all other labels begin with. */
const PREFIX = "clustertest.";

/** What a labelled object is. */
export type ObjectRole = "node" | "launch" | "owner" | "names";

/** Labels that tell a sweep what an object is, whose, and for how many milliseconds it may live. */
export function ownedLabels(
  role: ObjectRole,
  ownership: Ownership,
  maxLife: number,
): Record<string, string> {
  return { [OURS]: role, ...ownerLabels(ownership, { prefix: PREFIX, maxLife }) };
}

/** What labels say. */
export interface ObjectLabels extends OwnerLabels {
  readonly role: string;
}

/** Reads the labels of an object; `undefined` when it is not ours. */
export function readLabels(labels: Readonly<Record<string, string>>): ObjectLabels | undefined {
  const role = labels[OURS];
  return role === undefined ? undefined : { role, ...readOwnerLabels(labels, PREFIX) };
}

/** Selects what a cluster of ours has made; without one, everything that is ours. */
export function selectorOf(clusterId?: string): string {
  return clusterId === undefined ? OURS : `${PREFIX}cluster=${clusterId}`;
}

/** The label with the name of a node. */
export const NODE_LABEL = `${PREFIX}node`;
