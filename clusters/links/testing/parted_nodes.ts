import { Cluster } from "../../cluster/mod.ts";
import { composed } from "../../composed/mod.ts";
import { local } from "../../local/mod.ts";
import { loopback } from "../../loopback/mod.ts";
import type { NodeConnection } from "../../network/mod.ts";
import type { Node } from "../../node/mod.ts";
import type { Link } from "../mod.ts";
import { elsewhere } from "./elsewhere.ts";

/** Port of the services here. */
export const PORT = 7000;

const ignore = Deno.build.os !== "linux";

/** The bytes of a text. */
export const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Two nodes here, and one that shares no network with them. */
export interface PartedNodes {
  readonly cluster: Cluster;
  readonly here: Node;
  readonly beside: Node;
  readonly away: Node;
}

/** A test with such nodes. */
export function testParted(name: string, fn: (scene: PartedNodes) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      const apart = elsewhere(loopback(), () => ({ networks: [] }));
      await using cluster = await Cluster.create(composed({ here: local(), apart }));
      const [here, beside, away] = await cluster.addNodes([{}, {}, { in: "apart" }]);
      await fn({ cluster: cluster as unknown as Cluster, here, beside, away });
    },
  });
}

/** Both ends of a connection that goes through a link. */
export async function connectBy(
  { from, hostname, port }: Link,
  service: { accept(): Promise<NodeConnection> },
): Promise<[client: NodeConnection, server: NodeConnection]> {
  return await Promise.all([from.connect({ hostname, port }), service.accept()]);
}

/** What comes next. */
export async function next(connection: NodeConnection): Promise<string> {
  const buffer = new Uint8Array(64);
  const count = await connection.read(buffer);
  return count === null ? "end" : new TextDecoder().decode(buffer.subarray(0, count));
}

/** Resolves to "silence" if nothing comes before something that was sent later by another way. */
export async function unlessSilent<T>(
  coming: Promise<T>,
  later: Promise<unknown>,
): Promise<T | "silence"> {
  return await Promise.race([coming, later.then(() => "silence" as const)]);
}
