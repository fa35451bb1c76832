/** How long an agent lives, in milliseconds. */
export interface AgentLife {
  /** Without a heartbeat. */
  readonly lease: number;
  /** Until its runner has come: as long as that may take to reach it. */
  readonly startTimeout: number;
  /** At most. */
  readonly maxLife: number;
}

/** Arguments of an agent that say how long it lives. */
export function agentLife(
  { lease, startTimeout, maxLife }: AgentLife,
): string[] {
  const seconds = (milliseconds: number): string => String(Math.ceil(milliseconds / 1000));
  return [
    ...["--lease", seconds(lease), "--start-timeout", seconds(Math.min(startTimeout, maxLife))],
    ...["--max-life", seconds(maxLife), "--at-end", "exit"],
  ];
}
