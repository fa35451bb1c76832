import { ENDED, type Instance, isExhaustedCode } from "../aws/mod.ts";
import type { Market } from "./run_request.ts";

/** Somewhere that has no more of what was asked for. */
export interface Refusal {
  readonly zone: string;
  readonly market: Market;
  readonly message: string;
}

/** The code names first the side that is to blame, and then for what: `Server.InsufficientInstanceCapacity`. */
const BLAME = /^(Client|Server)\./;

/** Whether EC2 has launched an instance, and then ended it because there was no room for it. */
export function wasRefused({ state, reasonCode = "" }: Instance): boolean {
  return ENDED.includes(state) && isExhaustedCode(reasonCode.replace(BLAME, ""));
}
