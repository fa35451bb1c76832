import type { Abilities, AbilityName } from "../kit/mod.ts";

/** The names of all that a node might be able to do. */
export const ABILITY_NAMES: readonly AbilityName[] = Object.keys(
  {
    kill: true,
    pause: true,
    start: true,
    restart: true,
    spawnImage: true,
    partition: true,
    shape: true,
    cpu: true,
    memory: true,
    fullDisk: true,
  } satisfies Record<AbilityName, true>,
) as AbilityName[];

/** The names of what a node can do. */
export function abilityNames(abilities: Abilities): AbilityName[] {
  return ABILITY_NAMES.filter((name) => hasAbility(abilities, name));
}

/** Whether a node can do that. One that is started again was killed before. */
export function hasAbility(abilities: Abilities, name: AbilityName): boolean {
  if (name === "restart") return hasAbility(abilities, "start");
  if (name === "start") return abilities.kill !== undefined && abilities.start !== undefined;
  return abilities[name] !== undefined;
}
