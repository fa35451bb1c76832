import { explained } from "./explained.ts";
import { NetlinkSocket } from "./netlink_socket.ts";
import { NETFILTER } from "./nf_tables.ts";

/** A name that no other table has. */
export function uniqueTableName(): string {
  return `clustertest_${crypto.randomUUID().replaceAll("-", "")}`;
}

/** A connection by which tables are made. */
export type TablesSocket = Pick<NetlinkSocket, "request" | "isClosed"> & Disposable;

/**
 * A connection by which tables are made, which end with it. Throws an error that says what is missing where
 * there can be none.
 */
export function openTablesSocket(): TablesSocket {
  if (Deno.build.os !== "linux") {
    throw new Deno.errors.NotSupported(`Cannot filter packets: ${Deno.build.os} has no nf_tables`);
  }
  try {
    return new NetlinkSocket(NETFILTER);
  } catch (error) {
    throw explained(error);
  }
}
