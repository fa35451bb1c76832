import { suppressedParts } from "../../agent/thrown_text.ts";
import { allOrNone, InFlight, throwFailures } from "../concurrency/mod.ts";
import {
  type ClusterContext,
  type Composition,
  createFleet,
  type CreateOptions,
  type NodeOptions,
  type NodeRequest,
  type ProvidedNode,
  type Provider,
} from "../kit/mod.ts";
import type { AnyNodeOptions } from "./composed_options.ts";
import { memberContext } from "./member_context.ts";
import { failureOf } from "./member_failure.ts";

/** Requests for nodes of one member, and where they are in the list of all. */
interface MemberRequests {
  readonly member: string;
  readonly requests: NodeRequest[];
  readonly places: number[];
}

/** The nodes that one cluster has on several backends. */
export class ComposedProvider implements Provider<AnyNodeOptions> {
  readonly #composition: Composition<AnyNodeOptions>;
  readonly #providers: ReadonlyMap<string, Provider<never>>;
  readonly #fleet: SharedFleet;
  readonly #creating = new InFlight();
  #disposal: Promise<void> | undefined;

  private constructor(
    composition: Composition<AnyNodeOptions>,
    { providers, fleet }: Pick<OpenMembers, "providers" | "fleet">,
  ) {
    this.#composition = composition;
    this.#providers = providers;
    this.#fleet = fleet;
  }

  /** Opens all members side by side, or none: the first failure ends the others. */
  static async open(
    composition: Composition<AnyNodeOptions>,
    context: ClusterContext,
  ): Promise<ComposedProvider> {
    const members = await openMembers(composition.members, context);
    return new ComposedProvider(composition, members);
  }

  create(
    requests: readonly NodeRequest<AnyNodeOptions>[],
    options: CreateOptions,
  ): Promise<ProvidedNode[]> {
    return this.#creating.track(this.#create(requests, options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal ??= this.#dispose();
  }

  async #create(
    all: readonly NodeRequest<AnyNodeOptions>[],
    { signal, onLaunched }: CreateOptions,
  ): Promise<ProvidedNode[]> {
    const groups = groupByMember(all, this.#composition);
    const made = await allOrNone(groups, {
      signals: [signal],
      make: async ({ member, requests }, signal) => {
        const provider = this.#providers.get(member)! as Provider<NodeOptions>;
        try {
          return await provider.create(requests, { signal, onLaunched });
        } catch (error) {
          throw signal.aborted ? error : failureOf(`add nodes in "${member}"`, error);
        }
      },
      undo: (nodes) => Promise.allSettled(nodes.map((node) => node.destroy())),
    });
    const nodes: ProvidedNode[] = [];
    groups.forEach(({ places }, i) => places.forEach((place, j) => nodes[place] = made[i]![j]!));
    return nodes;
  }

  /** Tries everything, then throws what failed. */
  async #dispose(): Promise<void> {
    await this.#creating.settled();
    const members = await Promise.allSettled(
      [...this.#providers].map(([member, provider]) => giveBack(member, provider)),
    );
    throwFailures([...members, ...await Promise.allSettled([this.#fleet[Symbol.asyncDispose]()])]);
  }
}

async function giveBack(member: string, provider: AsyncDisposable): Promise<void> {
  try {
    await provider[Symbol.asyncDispose]();
  } catch (error) {
    // On a line of its own: what nodes have said themselves is found again below it.
    throw failureOf(`give back all of "${member}"`, error, "\n");
  }
}

/** Members at work. */
interface OpenMembers {
  readonly providers: ReadonlyMap<string, Provider<never>>;
  readonly fleet: SharedFleet;
}

async function openMembers(
  members: Composition["members"],
  context: ClusterContext,
): Promise<OpenMembers> {
  await using stack = new AsyncDisposableStack();
  const failure = new AbortController();
  const signal = AbortSignal.any([context.signal, failure.signal]);
  const fleet = stack.use(new SharedFleet({ ...context, signal }));
  const opening = Object.entries(members).map(async ([member, backend], index) => {
    const ownContext = memberContext({ ...context, signal }, { member, index, fleet: fleet.make });
    try {
      return [member, await backend.open(ownContext)] as const;
    } catch (error) {
      const [first, ...leftOvers] = suppressedParts(error);
      // Thrown with the first failure, as what could not be given back.
      for (const leftOver of leftOvers) stack.defer(() => Promise.reject(leftOver));
      failure.abort(signal.aborted ? first : failureOf(`open the member "${member}"`, first));
      throw first;
    }
  });
  const providers = new Map<string, Provider<never>>();
  for (const result of await Promise.allSettled(opening)) {
    if (result.status === "rejected") continue;
    const [member, provider] = result.value;
    stack.defer(() => giveBack(member, provider));
    providers.set(member, provider);
  }
  context.signal.throwIfAborted();
  failure.signal.throwIfAborted();
  stack.move();
  return { providers, fleet };
}

/** The fleet of all members, which is made when the first of them needs it. */
class SharedFleet implements AsyncDisposable {
  readonly #context: ClusterContext;
  #fleet: ReturnType<typeof createFleet> | undefined;

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  readonly make = (): ReturnType<typeof createFleet> => this.#fleet ??= createFleet(this.#context);

  async [Symbol.asyncDispose](): Promise<void> {
    // One that could not be made has failed those who needed it.
    const fleet = await this.#fleet?.catch(() => undefined);
    await fleet?.[Symbol.asyncDispose]();
  }
}

function groupByMember(
  all: readonly NodeRequest<AnyNodeOptions>[],
  { memberOf }: Composition<AnyNodeOptions>,
): MemberRequests[] {
  const groups = new Map<string, MemberRequests>();
  all.forEach(({ name, options: { in: _, ...options } }, place) => {
    const member = memberOf(all[place]!.options);
    const group = groups.get(member) ?? { member, requests: [], places: [] };
    groups.set(member, group);
    group.requests.push({ name, options });
    group.places.push(place);
  });
  return [...groups.values()];
}
