import { backendNames, backendOfModule, backendOfRecipe } from "../backends.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import type {
  AbilityName,
  Backend,
  BackendRecipe,
  ClusterContext,
  Composition,
  Provider,
  SweepOptions,
  SweepReport,
  SweptResource,
} from "../kit/mod.ts";
import { atCaller } from "../options/mod.ts";
import {
  type AnyNodeOptions,
  checkMembers,
  type ComposedNodeOptions,
  compositionOf,
  type Members,
} from "./composed_options.ts";
import { ComposedProvider } from "./composed_provider.ts";

/**
 * One cluster over several backends. A node is in the member that its option `in` names, or in the first
 * one, and is as that member's nodes are: what it can do, where it is reached, what it is called by its
 * backend. `addNodes()` adds nodes of several members side by side, all of them or none.
 *
 * What a test `needs` is asked of every member, or of those that it names:
 * `{ needs: { box: ["pause"] } }`. All members are opened with the cluster, and given back with it,
 * whatever one of them does; errors name the member.
 *
 * Nodes of different members may not reach each other at their addresses; `cluster.link()` leads from
 * one to the other anyway.
 *
 * Throws a `TypeError` when there are no members, or one cannot be one.
 *
 * ```ts
 * import { deepStrictEqual, throws } from "node:assert/strict";
 * import { composed } from "@clustertest/clustertest/composed";
 * import { docker } from "@clustertest/clustertest/docker";
 * import { local } from "@clustertest/clustertest/local";
 *
 * const backend = composed({ box: docker({ image: "debian:13" }), here: local() });
 * deepStrictEqual(backend.abilities, ["kill", "start", "restart", "pause"]);
 * throws(() => composed({}), TypeError);
 * ```
 */
export function composed<M extends Members>(members: M): Backend<ComposedNodeOptions<M>> {
  atCaller(composed, () => checkMembers(members));
  return new ComposedBackend({ ...members }) as unknown as Backend<ComposedNodeOptions<M>>;
}

/** How a member is found again. */
interface MemberRecipe {
  /** The name of a backend of this package, or the URL of a module. */
  readonly backend: string;
  readonly options: unknown;
}

/**
 * The backend that a recipe means: good for a sweep, from whatever process. Members of this package are
 * loaded at once, so that they are there when the network no longer is; of others the module is run, which
 * a sweep alone may do.
 */
export function backendFromRecipe(options: unknown): Pick<Backend, "name" | "sweep"> {
  const recipes = Object.entries(options as Readonly<Record<string, MemberRecipe>>);
  const members = recipes.map(([name, { backend, options }]) => {
    const find = () => backendOfRecipe(backend, options);
    if (backendNames.includes(backend)) find().catch(() => {});
    return { name, find };
  });
  return { name: "composed", sweep: (sweep) => sweepAll(members, sweep) };
}

class ComposedBackend implements Backend<AnyNodeOptions> {
  readonly name = "composed";
  /** What the nodes of all members can do. */
  readonly abilities: readonly AbilityName[];
  readonly recipe: BackendRecipe;
  readonly composition: Composition<AnyNodeOptions>;
  readonly #members: Members;

  constructor(members: Members) {
    const [first, ...others] = Object.values(members);
    this.#members = members;
    this.abilities = first!.abilities.filter((ability) =>
      others.every(({ abilities }) => abilities.includes(ability))
    );
    this.composition = compositionOf(members);
    const recipes = Object.entries(members).map(([name, { recipe: { module, options } }]) =>
      [name, { backend: backendOfModule(module), options } satisfies MemberRecipe] as const
    );
    this.recipe = {
      module: import.meta.resolve("./mod.ts"),
      options: Object.fromEntries(recipes),
    };
  }

  open(context: ClusterContext): Promise<Provider<AnyNodeOptions>> {
    return ComposedProvider.open(this.composition, context);
  }

  sweep(options?: SweepOptions): Promise<SweepReport> {
    const members = Object.entries(this.#members);
    return sweepAll(
      members.map(([name, backend]) => ({ name, find: () => Promise.resolve(backend) })),
      options,
    );
  }
}

/** A member that is swept. */
interface SweptMember {
  readonly name: string;
  readonly find: () => Promise<Pick<Backend<never>, "sweep">>;
}

/** Sweeps all of them, whatever one of them does; what it does is among what is found. */
async function sweepAll(
  members: readonly SweptMember[],
  options: SweepOptions = {},
): Promise<SweepReport> {
  const found = await Promise.all(members.map(async ({ name, find }): Promise<
    readonly SweptResource[]
  > => {
    try {
      return (await (await find()).sweep(options)).found;
    } catch (error) {
      options.signal?.throwIfAborted();
      const outcome = { failed: messageOf(error) };
      return [{ kind: "member", id: name, reason: "it could not be swept", outcome }];
    }
  }));
  return { found: found.flat() };
}
