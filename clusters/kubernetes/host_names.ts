import { Deadline } from "../../agent/deadline.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { AgentNode } from "../kit/mod.ts";
import { HOSTS_FILE, LAUNCH_DIR, OPEN_DIR } from "./pod_places.ts";
import type { PodResource } from "./pod_resource.ts";

/** Milliseconds in which a node that answers has written a file. */
const WRITE_DEADLINE = 5000;

/** What every hosts file begins with. */
const LOCALHOST = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";

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
  const names = living.map(({ address, resource }) => `${address}\t${resource.node}\n`).join("");
  const content = new TextEncoder().encode(LOCALHOST + names);
  using deadline = new Deadline(WRITE_DEADLINE);
  const { signal } = deadline;
  const all = Promise.allSettled(living.map((node) => write(node, content, signal)));
  await settledWithin(WRITE_DEADLINE, all);
}

async function write(
  { host }: AgentNode<PodResource>,
  content: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const file = await host.files.write(`${LAUNCH_DIR}/${OPEN_DIR}/${HOSTS_FILE}`, { signal });
  const writer = file.getWriter();
  await writer.write(content);
  await writer.close();
}
