import type { Node } from "../node/mod.ts";

/** Waits until a file in a folder of the node, of which no more is known, has some bytes. */
export async function untilWritten(node: Node, dir: string): Promise<void> {
  for (;;) {
    for await (const { name } of node.readDir(dir)) {
      const info = await node.stat(`${dir}/${name}`).catch(() => undefined);
      if (info && info.size > 0) return;
    }
  }
}
