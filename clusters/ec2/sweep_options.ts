import type { SweepOptions } from "../kit/mod.ts";

/** Where and what to sweep. */
export interface Ec2SweepOptions extends SweepOptions {
  readonly stackName: string | undefined;
}
