import type { Backend, Composition, NodeOptions } from "../kit/mod.ts";

/** Backends by the names that `in` says. The first is where nodes are that do not say where they are. */
export type Members = Readonly<Record<string, Backend<never>>>;

/** What may be said of the nodes of a backend. */
export type OptionsOf<B> = B extends Backend<infer O> ? O : never;

/**
 * What may be said of a node: `in`, which names its member, and what that member's nodes have. A node
 * without `in` is one of the first member; the compiler, which does not know the order, then admits what
 * the nodes of any member have, and the rest is refused when the node is added.
 */
export type ComposedNodeOptions<M extends Members> = {
  readonly [K in keyof M & string]: { readonly in?: K | undefined } & OptionsOf<M[K]>;
}[keyof M & string];

/** The same, where it does not matter which the members are. */
export interface AnyNodeOptions extends NodeOptions {
  /** The name of its member. @default the first one */
  readonly in?: string | undefined;
}

/** What a member may be called: as a property, and in errors. Names that are numbers would change their order. */
const NAME = /^[a-z][a-z0-9_-]{0,39}$/i;

/** Throws unless a backend can be composed of these. */
export function checkMembers(members: Members): void {
  if (typeof members !== "object" || members === null || Array.isArray(members)) {
    refuse(
      `its members are an object, such as { box: docker(), here: local() }, and not ${
        Deno.inspect(members)
      }`,
    );
  }
  const entries = Object.entries(members);
  if (entries.length === 0) refuse("it has no members; name some, such as { here: local() }");
  for (const [name, member] of entries) {
    if (!NAME.test(name)) {
      refuse(
        `"${name}" cannot be the name of a member: that has up to 40 letters, digits, "-" and "_", and ` +
          "begins with a letter",
      );
    }
    if (typeof member?.open !== "function") {
      refuse(`the member "${name}" is no backend, such as local() or docker({ image })`);
    }
    if (member.composition) {
      refuse(`the member "${name}" is composed itself; name its members here`);
    }
  }
}

function refuse(reason: string): never {
  throw new TypeError(`Cannot compose a backend: ${reason}`);
}

/** The composition of these members. */
export function compositionOf(members: Members): Composition<AnyNodeOptions> {
  const names = Object.keys(members);
  return {
    members,
    memberOf: ({ in: name = names[0]! }) => {
      if (Object.hasOwn(members, name)) return name;
      const known = names.map((each) => `"${each}"`).join(", ");
      throw new TypeError(
        `Cannot add a node in ${
          Deno.inspect(name)
        }: there is no such member; those that there are: ${known}`,
      );
    },
  };
}
