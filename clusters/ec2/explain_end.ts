import type { LossReason } from "../kit/mod.ts";
import type { Instance } from "../aws/mod.ts";

/** What EC2 gives as the reason for a spot instance that it takes back. */
const SPOT_END = /spot/i;

/** Why a node is gone whose instance has ended, or is about to. */
export function explainEnd({ id, state, reason, isSpot }: Instance): LossReason {
  const summary = isSpot && reason !== undefined && SPOT_END.test(reason)
    ? "AWS took its spot instance back"
    : `its instance is ${state}`;
  const why = reason === undefined ? "EC2 gives no reason" : `EC2 says: ${reason}`;
  return { summary, details: [`instance ${id} is ${state}; ${why}`] };
}
