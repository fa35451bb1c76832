import type { ClusterContext } from "../kit/mod.ts";

/** A member of a backend, and what it shares with the others. */
export interface MemberParts {
  readonly member: string;
  /** Its place among the members. */
  readonly index: number;
  readonly fleet: NonNullable<ClusterContext["sharedFleet"]>;
}

/**
 * What a member gets to know of the cluster. It has an id of its own, which begins with the cluster's: two
 * members on one engine or one machine would otherwise have the same folders and networks.
 */
export function memberContext(
  { memberNeeds = {}, ...context }: ClusterContext,
  { member, index, fleet }: MemberParts,
): ClusterContext {
  return {
    ...context,
    clusterId: `${context.clusterId}${index.toString(36)}`,
    needs: [...new Set([...context.needs, ...memberNeeds[member] ?? []])],
    sharedFleet: fleet,
  };
}
