/** Arguments of an agent that say how long it lives, in milliseconds: without a heartbeat, and at most. */
export function agentLife(
  { lease, maxLife }: { readonly lease: number; readonly maxLife: number },
): string[] {
  const seconds = (milliseconds: number): string => String(Math.ceil(milliseconds / 1000));
  return ["--lease", seconds(lease), "--max-life", seconds(maxLife), "--at-end", "exit"];
}
