import type { Backend, NodeOptions } from "../kit/mod.ts";
import { checkOptions } from "../options/mod.ts";
import { checkName, checkNodeOptions, nodeKinds } from "./cluster_options.ts";

/** Nodes that one call may ask for. */
const MOST_NODES = 10_000;

/** A node that a test asks for. */
export interface WantedNode<O extends NodeOptions> {
  /** Its name; `undefined` if the cluster is to give it one. */
  readonly name: string | undefined;
  /** The options that its backend gets. */
  readonly options: O;
}

/** `count` nodes with the same options; throws if their number or the options are wrong. */
export function alikeNodes<O extends NodeOptions>(count: number, options: O): WantedNode<O>[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(
      `Cannot add ${Deno.inspect(count)} nodes: the number must be whole, and 0 or above`,
    );
  }
  checkCount(count);
  checkNodeOptions(options);
  const { name } = options;
  return Array.from({ length: count }, (_, i) => {
    if (name === undefined || count === 1) return { name, options };
    checkName("node", `${name}-${i + 1}`);
    return { name: `${name}-${i + 1}`, options };
  });
}

/** A node for each entry of a list; throws if an entry is wrong, and says which. */
export function listedNodes<O extends NodeOptions>(
  list: readonly O[],
  backend: Pick<Backend<O>, "nodeOptions" | "composition">,
): WantedNode<O>[] {
  checkCount(list.length);
  // `Array.from` sees the holes of a list, too.
  return Array.from(list, (options, i) => {
    const what = `add node ${i + 1} of ${list.length}`;
    if (typeof options !== "object" || options === null) {
      const given = Deno.inspect(options);
      throw new TypeError(`Cannot ${what}: its options must be an object, not ${given}`);
    }
    if ("signal" in options) {
      throw new TypeError(`Cannot ${what}: "signal" is an option of the call, behind the list`);
    }
    const kinds = nodeKinds(backend, options);
    if (kinds) checkOptions(what, options, kinds);
    checkNodeOptions(options);
    return { name: options.name, options };
  });
}

function checkCount(count: number): void {
  if (count <= MOST_NODES) return;
  throw new RangeError(
    `Cannot add ${count} nodes by one call: ${MOST_NODES} are the most; ask for them in several calls`,
  );
}
