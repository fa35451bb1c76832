import {
  type AbilityName,
  AGENT_ABILITIES,
  isPacketDeed,
  type MissingAbilities,
} from "../kit/mod.ts";
import { MissingAbilityError } from "../errors.ts";
import { ONLY_IF_NEEDED } from "./abilities.ts";
import { ApiError } from "./api/mod.ts";
import type { NodePlan } from "./launch_context.ts";
import { SIDECAR_CONTAINER } from "./pod_places.ts";

/** Why the network of a pod cannot be changed: its test does not need that, or its author's hook has prevented it. */
export type NoSidecar = "unneeded" | "shared network" | "removed";

/** Answers of a server that does not let a pod be as it was asked for; a policy that says none gives 400. */
const REFUSALS: readonly (number | undefined)[] = [400, 403, 422];

/** Why nodes without a sidecar lack what that is for. */
export function missingFaults(why: NoSidecar, node: string): MissingAbilities {
  return Object.fromEntries(
    ONLY_IF_NEEDED.map((ability) => [ability, explained(why, { node, ability })]),
  );
}

function explained(
  why: NoSidecar,
  { node, ability }: { readonly node: string; readonly ability: AbilityName },
): { readonly reason: string; readonly remedy: string } {
  switch (why) {
    case "unneeded":
      return {
        reason: `the pod of "${node}" was made without the container by which that is done`,
        remedy: `Say needs: ["${ability}"] when the cluster is made, for a pod cannot get it later`,
      };
    case "shared network":
      return {
        reason: `the network of "${node}" is not its own`,
        remedy: "Let customize make pods without hostNetwork",
      };
    case "removed":
      return {
        reason: `customize has taken the container "${SIDECAR_CONTAINER}" out of its pod`,
        remedy: "Let it stay there",
      };
  }
}

/**
 * The error for a pod that the server has refused because of its sidecar, in the server's own words;
 * `undefined` if it was something else.
 */
export function refusedSidecar(
  error: unknown,
  { name }: Pick<NodePlan, "name">,
  needs: readonly AbilityName[],
): MissingAbilityError | undefined {
  const [ability] = needs;
  if (ability === undefined || !(error instanceof ApiError)) return undefined;
  if (!REFUSALS.includes(error.status) || error.resource !== "pods") return undefined;
  if (!error.said.includes(SIDECAR_CONTAINER) && !error.said.includes("NET_ADMIN")) {
    return undefined;
  }
  return new MissingAbilityError({
    ability,
    backend: "kubernetes",
    has: AGENT_ABILITIES.filter((each) => !isPacketDeed(each)),
    reason: `the pod of node "${name}" is not admitted: ${error.said}`,
    remedy:
      "Run this test in a namespace that admits containers with the capability NET_ADMIN, as with the " +
      "label pod-security.kubernetes.io/enforce=privileged",
  }, { cause: error });
}
