import type { PacketRule } from "../../agent/host/host.ts";
import type { Node } from "../node/mod.ts";
import type { Survey } from "./fault_context.ts";
import type { FaultOptions } from "./fault_options.ts";
import type { NetworkLink } from "./network_links.ts";
import { runnerAddresses } from "./outside.ts";

/** Rules of one node, and the link that each of them is for. */
export interface NodeRules {
  readonly node: Node;
  readonly rules: readonly { readonly link: NetworkLink; readonly rule: PacketRule }[];
}

/** What rules are made of. */
export interface RuleMaking {
  readonly options: Pick<FaultOptions, "port" | "protocol">;
  /** Of the nodes concerned; of all, if what is outside is concerned. */
  readonly survey: Survey;
  /** Whether rules say which of them are of the same link. @default false */
  readonly areNumbered?: boolean | undefined;
}

/**
 * What each node has to drop so that nothing passes these links. Packets are dropped where they arrive:
 * who sends them sees no error, as on a real network. Only what goes outside is dropped where it leaves.
 */
export function rulesOf(links: readonly NetworkLink[], making: RuleMaking): NodeRules[] {
  const byNode = Map.groupBy(links, ({ from, to }) => (to === "outside" ? from : to) as Node);
  return Array.from(byNode, ([node, links]) => ({
    node,
    rules: links.flatMap((link, place) =>
      rulesOfLink(link, making).map((rule) => ({
        link,
        rule: making.areNumbered ? { ...rule, link: place } : rule,
      }))
    ),
  }));
}

function rulesOfLink({ from, to }: NetworkLink, making: RuleMaking): PacketRule[] {
  const { survey, options: { port, protocol } } = making;
  const concerned = { port, protocol };
  if (from !== "outside" && to !== "outside") {
    return survey.get(from)!.addresses.map((peer) => ({ direction: "in", peer, ...concerned }));
  }
  // A node that has this machine's network is not told from the machine, which is outside.
  const outside = new Set(runnerAddresses());
  const notPeers = [...survey.values()].flatMap(({ addresses }) => addresses)
    .filter((address) => !outside.has(address));
  return [{ direction: to === "outside" ? "out" : "in", notPeers, ...concerned }];
}
