import { AuthorCall, type Member } from "../calls/mod.ts";
import { allOrNone, throwFailures } from "../concurrency/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ClusterLinks } from "./cluster_links.ts";
import type { Link } from "./link.ts";
import type { LinkOptions } from "./link_options.ts";

/** Which links a mesh has. */
export interface MeshRequest {
  readonly nodes: readonly Node[];
  readonly ports: readonly number[];
  readonly options: LinkOptions;
  readonly call: AuthorCall;
  /** The member that errors name. */
  readonly member: Member;
}

/** Opens all links of a mesh, or none. */
export async function openMesh(
  links: ClusterLinks,
  { nodes, ports, options, call, member }: MeshRequest,
): Promise<Mesh> {
  const all = new Set(nodes);
  const wanted = [...all].flatMap((from) =>
    [...all].filter((to) => to !== from).flatMap((to) =>
      ports.map((port) => ({ from, to, port, member }))
    )
  );
  const opened = await allOrNone(wanted, {
    make: (each, signal) => links.open(call, { ...each, options: { ...options, signal } }),
    undo: (link) => link[Symbol.asyncDispose](),
    signals: options.signal ? [options.signal] : [],
  });
  return new Mesh(opened);
}

/** Links from each of several nodes to all others, which are closed together: made by `cluster.mesh()`. */
export class Mesh implements Iterable<Link>, AsyncDisposable {
  readonly #links: readonly Link[];
  #disposal: Promise<void> | undefined;

  /** @ignore */
  constructor(links: readonly Link[]) {
    this.#links = links;
  }

  /**
   * The link from one of the nodes to another one. Without `port` it is that of the first port. Throws a
   * `TypeError` when there is none.
   */
  link(from: Node, to: Node, port?: number): Link {
    const found = this.#links.find((link) =>
      link.from === from && link.to === to && (port ?? link.targetPort) === link.targetPort
    );
    if (found) return found;
    const where = port === undefined ? "" : ` at port ${port}`;
    throw new TypeError(
      `Cannot find the link from "${from?.name}" to "${to?.name}"${where}: the mesh has none`,
    );
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<Link> {
    return this.#links.values();
  }

  /** Closes all of them. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "mesh" });
    await call.during(() => this.#disposal ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    throwFailures(
      await Promise.allSettled(this.#links.map((link) => link[Symbol.asyncDispose]())),
    );
  }
}
