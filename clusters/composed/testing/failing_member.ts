import type { Backend, NodeOptions, Provider } from "../../kit/mod.ts";
import { local } from "../../local/mod.ts";

/** What goes wrong in a member, and when. */
export interface MemberFaults {
  /** Called instead of opening it. */
  readonly open?: (signal: AbortSignal) => Promise<Provider>;
  /** Called before nodes are made. */
  readonly create?: (signal: AbortSignal) => Promise<void>;
  /** Called after it was given back. */
  readonly dispose?: () => Promise<void>;
  /** Called instead of sweeping it. */
  readonly sweep?: () => Promise<never>;
}

/** A member, and how many of its clusters and nodes there are. */
export interface FailingMember {
  readonly backend: Backend<NodeOptions>;
  readonly open: () => number;
}

/** The local backend, with faults; it counts what is not given back. */
export function failingMember(faults: MemberFaults = {}): FailingMember {
  const inner = local();
  let count = 0;
  const { name, abilities, nodeOptions, recipe } = inner;
  const backend: Backend<NodeOptions> = {
    ...{ name, abilities, nodeOptions, recipe },
    open: async (context) => {
      if (faults.open) return await faults.open(context.signal);
      const provider = await inner.open(context);
      count++;
      return {
        create: async (requests, options) => {
          await faults.create?.(options.signal);
          return await provider.create(requests, options);
        },
        [Symbol.asyncDispose]: async () => {
          await provider[Symbol.asyncDispose]();
          count--;
          await faults.dispose?.();
        },
      };
    },
    sweep: (options) => faults.sweep?.() ?? inner.sweep(options),
  };
  return { backend, open: () => count };
}
