import type { NodeCallOptions } from "../calls/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";

/** How a link is made. */
export interface LinkOptions extends NodeCallOptions {
  /**
   * Puts the name of the other node into the node's hosts file, until the link is closed. Needs a node that
   * has one of its own, as those of `docker`, `ec2` and `kubernetes` do, and may write it: of the first two,
   * root alone does. @default false
   */
  readonly hosts?: boolean | undefined;
  /**
   * Relays also where the nodes reach each other: then a partition needs no ability of the nodes.
   * @default false
   */
  readonly relay?: boolean | undefined;
}

/** Of `link()` and `mesh()`. */
export const LINK_KINDS: OptionKinds<LinkOptions> = {
  hosts: kinds.flag,
  relay: kinds.flag,
  signal: kinds.signal,
};
