import type { Node } from "../../node/mod.ts";

/** Seconds for an answer that nothing keeps back, on a machine that is busy. */
export const PATIENCE = 20;

/** Whether a node is answered by an address over ICMP, within so many seconds. */
export async function pingable(
  node: Pick<Node, "run">,
  address: string,
  within = 1,
): Promise<boolean> {
  const { code } = await node.run("ping", ["-c1", `-W${within}`, address], { check: false });
  return code === 0;
}
