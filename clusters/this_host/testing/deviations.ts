import { HAS_MANY_ADDRESSES } from "../loopback_addresses.ts";

const REASON = "of this host's addresses only 127.0.0.1 can be used, so its nodes share it";

/** What nodes of this host cannot keep of the contract, on an operating system other than Linux. */
export const deviations: Readonly<Record<string, string>> = HAS_MANY_ADDRESSES ? {} : {
  "nodes have addresses of their own": REASON,
  "nodes have ports of their own": REASON,
  "forwards() leads to one port of all nodes, by the address that each has": REASON,
};
