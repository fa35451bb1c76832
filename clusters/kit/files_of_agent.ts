import type { FleetAgent } from "../../agent/client/fleet.ts";
import type { StoredFiles } from "./provided_node.ts";

/** The files of a node that is down, of which an agent is there; that stays when they are disposed of. */
export function filesOfAgent({ host: { files } }: FleetAgent): StoredFiles {
  return { files, [Symbol.asyncDispose]: () => Promise.resolve() };
}
