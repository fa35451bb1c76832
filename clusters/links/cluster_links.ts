import { Deadline } from "../../agent/deadline.ts";
import type { AuthorCall, Member } from "../calls/mod.ts";
import type { NodeContext } from "../calls/mod.ts";
import type { Emit } from "../events/mod.ts";
import { insidesOf, type Node } from "../node/mod.ts";
import { Link } from "./link.ts";
import { LinkGates } from "./link_gate.ts";
import { LinkedNames } from "./linked_names.ts";
import { LinkedPairs } from "./linked_pairs.ts";
import type { LinkOptions } from "./link_options.ts";
import { OwnAddresses } from "./own_address.ts";
import { RelayedPort } from "./relayed_port.ts";

/** Milliseconds in which a public address has to answer. */
const PUBLIC_PATIENCE = 2_000;

/** A link that is to be made. */
export interface LinkRequest {
  readonly from: Node;
  readonly to: Node;
  readonly port: number;
  readonly options: LinkOptions;
  /** The member that errors name. */
  readonly member: Member;
}

/** What a cluster tells of itself to make links. */
export interface ClusterLinksParts {
  readonly emit: Emit;
  readonly nextId: () => number;
  /** Called when a link is relayed: faults may concern it. It is there once that resolves. */
  readonly onRelayed: (signal: AbortSignal) => Promise<void>;
}

/** What is relayed to see whether it passes. */
export interface RelayProbe extends Pick<LinkRequest, "from" | "to" | "port" | "member"> {
  /** The port of a service that it stands for. @default that of none */
  readonly countsAs?: number | undefined;
}

/** Where a node finds a service, and what is to be closed for that. */
interface Way extends Pick<Link, "by" | "hostname" | "port"> {
  readonly resource?: AsyncDisposable;
}

/** The links between the nodes of a cluster. */
export class ClusterLinks {
  /** What passes relayed links. */
  readonly gates: LinkGates = new LinkGates();
  readonly #parts: ClusterLinksParts;
  readonly #addresses = new OwnAddresses();
  readonly #names = new LinkedNames();
  readonly #relayed = new LinkedPairs();
  readonly #public = new LinkedPairs();

  constructor(parts: ClusterLinksParts) {
    this.#parts = parts;
  }

  /** Makes a link, within a call. */
  async open(call: AuthorCall, request: LinkRequest): Promise<Link> {
    const { from, to, options: { hosts = false, signal: givenUp } } = request;
    if (hosts) LinkedNames.check(from, to);
    insidesOf(to).context.nodeLife.check(call);
    return await insidesOf(from).context.life.during(
      call,
      (signal) => this.#open(request, givenUp ? AbortSignal.any([signal, givenUp]) : signal),
    );
  }

  /** Whether there is a link between these nodes, either way, that is relayed. */
  isRelayed(one: Node, other: Node): boolean {
    return this.#relayed.has(one, other);
  }

  /** Whether something is done, either way, to what is relayed between these nodes. */
  isHeld(one: Node, other: Node): boolean {
    return this.gates.isHeld(one, other) || this.gates.isHeld(other, one);
  }

  /** Whether there is a link between these nodes, either way, by a public address. */
  isPublic(one: Node, other: Node): boolean {
    return this.#public.has(one, other);
  }

  async #open(request: LinkRequest, signal: AbortSignal): Promise<Link> {
    const { from, to, port: targetPort, options: { hosts = false } } = request;
    await using stack = new AsyncDisposableStack();
    const { resource, hostname, port, by } = await this.#findWay(request, signal);
    if (resource) {
      stack.use(resource);
      this.#relayed.add(from, to, stack);
      await this.#parts.onRelayed(signal);
    }
    if (by === "public") this.#public.add(from, to, stack);
    if (hosts) stack.use(await this.#names.add(from, { name: to.name, address: hostname }));
    signal.throwIfAborted();
    const { emit, nextId } = this.#parts;
    const link = `link${nextId()}`;
    const about = { link, node: from.name, to: to.name };
    emit({ type: "link-opened", ...about, targetPort, hostname, port, by });
    const parts = stack.move();
    const close = async () => {
      emit({ type: "link-closed", ...about });
      await parts.disposeAsync();
    };
    return new Link({ from, to, targetPort, hostname, port, by, close });
  }

  async #findWay(request: LinkRequest, signal: AbortSignal): Promise<Way> {
    const { from, to, port, options: { relay = false } } = request;
    if (!relay) {
      const shared = sharedAddress(from, to);
      if (shared !== undefined) return { by: "network", hostname: shared, port };
      // What passes there could not be held by a fault that there is.
      const publicAddress = this.isHeld(from, to)
        ? undefined
        : insidesOf(to).provided.publicAddress;
      if (publicAddress && await answers(from, { hostname: publicAddress, port }, signal)) {
        return { by: "public", hostname: publicAddress, port };
      }
    }
    const relayed = await this.#relay(request, signal);
    return { by: "relay", hostname: relayed.hostname, port: relayed.port, resource: relayed };
  }

  /** Opens a port on a node that leads to another one as a link does, and tells nobody. */
  async probe(probe: RelayProbe, signal: AbortSignal): Promise<RelayedPort> {
    const silent: NodeContext = Object.create(insidesOf(probe.from).context, {
      emit: { value: () => {} },
    });
    return await this.#relay({ ...probe, context: silent }, signal);
  }

  /** Opens a port on a node that leads to another one through this process. */
  async #relay(
    { from, to, port, countsAs, member, context }: RelayProbe & { readonly context?: NodeContext },
    signal: AbortSignal,
  ): Promise<RelayedPort> {
    return await RelayedPort.open({
      from: context ?? insidesOf(from).context,
      to: insidesOf(to).context,
      port,
      countsAs,
      hostnames: this.#addresses.of(from, to),
      gates: { there: this.gates.of(from, to), back: this.gates.of(to, from) },
      member,
    }, signal);
  }
}

/** Where a node reaches another one in a network that both are in. */
export function sharedAddress(from: Node, to: Node): string | undefined {
  return to.networks.find(({ id }) => from.networks.some((each) => each.id === id))?.address;
}

/** Whether a service answers a node. That it is refused may come from something in between. */
async function answers(
  from: Node,
  { hostname, port }: { readonly hostname: string; readonly port: number },
  signal: AbortSignal,
): Promise<boolean> {
  using deadline = new Deadline(PUBLIC_PATIENCE, [signal]);
  const { host } = insidesOf(from);
  try {
    const target = { transport: "tcp", hostname, port } as const;
    const connection = await host.network.dial(target, { signal: deadline.signal });
    await connection[Symbol.asyncDispose]();
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
