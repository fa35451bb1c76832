import { Deadline } from "../../agent/deadline.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { AgentNode } from "../kit/mod.ts";
import type { PodResource } from "./pod_resource.ts";

/** Milliseconds in which a node that answers has written a file. */
const WRITE_DEADLINE = 5000;

/** Tells nodes each other's names. */
export class HostNames {
  #writing: Promise<void> = Promise.resolve();

  /**
   * Writes the names of all nodes into the hosts file of each. A node that does not answer, for it is
   * paused or about to be lost, is told with the next change. Never rejects.
   */
  async tell(nodes: readonly AgentNode<PodResource>[]): Promise<void> {
    const writing = this.#writing = this.#writing.then(() => writeAll(nodes));
    await writing;
  }
}

async function writeAll(nodes: readonly AgentNode<PodResource>[]): Promise<void> {
  const living = nodes.filter(({ isOver }) => !isOver);
  const names = living.map(({ address, resource }) => ({ name: resource.node, address }));
  using deadline = new Deadline(WRITE_DEADLINE);
  const { signal } = deadline;
  const all = Promise.allSettled(
    living.map(({ host, resource }) => resource.hostsFile.set("backend", names, { host, signal })),
  );
  await settledWithin(WRITE_DEADLINE, all);
}
