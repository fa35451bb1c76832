import { MissingAbilityError } from "../errors.ts";
import type { AbilityName } from "../kit/mod.ts";
import type { ControlRoute } from "./control_route.ts";

/** What a node can do only if something can be launched beside it. */
const BY_SIDECAR: readonly AbilityName[] = ["partition"];

/** What a node can do on any engine. */
const ANYWHERE: readonly AbilityName[] = ["kill", "pause", "start", "restart", "spawnImage"];

/** What nodes on Docker can do. */
export const ABILITIES: readonly AbilityName[] = [...ANYWHERE, ...BY_SIDECAR];

/** Throws a `MissingAbilityError` when this engine's nodes will not have what the test needs. */
export function checkNeeds(needs: readonly AbilityName[], route: ControlRoute): void {
  const ability = needs.find((each) => BY_SIDECAR.includes(each));
  if (ability === undefined || route.socketFolder() !== undefined) return;
  throw new MissingAbilityError({
    ability,
    backend: "docker",
    has: ANYWHERE,
    reason: "nothing can be launched beside a node on this engine, whose containers cannot have " +
      "sockets of this program",
    remedy: "Run this test on an engine that is a program of this Linux machine",
  });
}
