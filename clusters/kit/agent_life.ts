/** How long an agent lives, in milliseconds. */
export interface AgentLife {
  /** Without a heartbeat. */
  readonly lease: number;
  /** Until its runner has come: as long as that may take to reach it. */
  readonly startTimeout: number;
  /** At most. */
  readonly maxLife: number;
}

/** Arguments of an agent that say how long it lives without its runner. */
export function agentLease({ lease, startTimeout, maxLife }: AgentLife): string[] {
  // What the agent takes is bounded, as a life is, and an author may have said any number.
  return ["--lease", seconds(lease), "--start-timeout", seconds(Math.min(startTimeout, maxLife))];
}

/** Arguments of an agent that say how long it lives. */
export function agentLife(life: AgentLife): string[] {
  return [...agentLease(life), "--max-life", seconds(life.maxLife), "--at-end", "exit"];
}

function seconds(milliseconds: number): string {
  return String(Math.ceil(milliseconds / 1000));
}
