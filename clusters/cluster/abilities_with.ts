import type { AbilityName, Backend } from "../kit/mod.ts";
import { type CheckedNeeds, needsOf } from "./cluster_options.ts";

/** What is asked of a backend, and of its members. */
type Able = Pick<Backend<never>, "abilities" | "onlyIfNeeded" | "composition">;

/** The abilities that the nodes of a backend have in a cluster with these needs. */
export function abilitiesWith(backend: Able, needs: CheckedNeeds): AbilityName[] {
  const members = Object.entries<Able>(backend.composition?.members ?? {});
  const without = new Set([
    ...missingOf(backend, needsOf(needs)),
    ...members.flatMap(([name, member]) => missingOf(member, needsOf(needs, name))),
  ]);
  return backend.abilities.filter((ability) => !without.has(ability));
}

/** The abilities of a backend that its nodes would have if these needs had named them. */
function missingOf({ onlyIfNeeded = [] }: Able, needs: readonly AbilityName[]): AbilityName[] {
  return onlyIfNeeded.filter((ability) => !needs.includes(ability));
}
