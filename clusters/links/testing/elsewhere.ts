import type { Backend, NodeOptions, ProvidedNode } from "../../kit/mod.ts";

/** A backend whose nodes say something else of where they are. */
export function elsewhere(
  inner: Backend<NodeOptions>,
  change: (node: ProvidedNode) => Partial<ProvidedNode>,
): Backend<NodeOptions> {
  const { name, abilities, nodeOptions, recipe } = inner;
  return {
    ...{ name, abilities, nodeOptions, recipe },
    sweep: (options) => inner.sweep(options),
    open: async (context) => {
      const provider = await inner.open(context);
      return {
        create: async (requests, options) => {
          const nodes = await provider.create(requests, options);
          return nodes.map((node) => {
            const changed = change(node);
            return new Proxy(node, {
              get: (target, key) =>
                key in changed ? changed[key as keyof ProvidedNode] : bound(target, key),
            });
          });
        },
        [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
      };
    },
  };
}

function bound(target: object, key: PropertyKey): unknown {
  const value = Reflect.get(target, key);
  return typeof value === "function" ? value.bind(target) : value;
}
