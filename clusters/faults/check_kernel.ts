import { MissingAbilityError } from "../errors.ts";
import type { Abilities, PacketDeed } from "../kit/mod.ts";
import { abilityNames } from "../node/mod.ts";

/** Whose kernel is asked. */
export interface KernelCheck {
  /** The name of the backend. */
  readonly backend: string;
  /** Those of the node. */
  readonly abilities: Abilities;
  readonly signal: AbortSignal;
}

/** Throws a `MissingAbilityError` when the kernel of a node cannot do it. Nothing is changed by that. */
export async function checkKernel(
  deed: PacketDeed,
  { backend, abilities, signal }: KernelCheck,
): Promise<void> {
  // Where that cannot be asked, it fails when it is done.
  const obstacle = await abilities.partition?.kernelLacks?.(deed, { signal }).catch(() => {});
  signal.throwIfAborted();
  if (!obstacle) return;
  const { reason, remedy } = obstacle;
  const ability = abilityOf(deed);
  const has = abilityNames(abilities).filter((each) => each !== ability);
  throw new MissingAbilityError({ ability, backend, has, reason, remedy });
}

/** The ability that a node has if its kernel can do it. */
function abilityOf(deed: PacketDeed): "partition" | "shape" {
  return deed === "shape" || deed === "duplicate" ? "shape" : "partition";
}
