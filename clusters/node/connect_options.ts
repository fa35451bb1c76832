import type { DialTarget } from "../../agent/host/host.ts";
import type { AuthorCallOptions, NodeCallOptions } from "../calls/mod.ts";
import { kinds } from "../options/mod.ts";
import { checkPort } from "./check_port.ts";

/** Where to connect to, seen from the node. Without `hostname`: the node itself. */
export type ConnectOptions =
  & NodeCallOptions
  & (
    | { readonly transport?: "tcp"; readonly hostname?: string; readonly port: number }
    | { readonly transport: "unix"; readonly path: string }
  );

/** Where to listen. Port 0 picks a free one. Without `hostname`: where other nodes reach the node. */
export type ListenOptions = ConnectOptions;

const TCP_KINDS = {
  transport: kinds.oneOf("tcp", "unix"),
  hostname: kinds.text,
  port: kinds.number(),
  signal: kinds.signal,
};

const UNIX_KINDS = { transport: TCP_KINDS.transport, path: kinds.text, signal: kinds.signal };

/** How errors name a connection, and what may be said of it. */
export function addressOf(options: ConnectOptions): Pick<AuthorCallOptions, "of" | "kinds"> {
  return options?.transport === "unix"
    ? { of: [options.path], kinds: UNIX_KINDS }
    : { of: [options?.port], kinds: TCP_KINDS };
}

/** What a host is to dial, or where it is to listen; throws when the port cannot be one. */
export function targetOf(options: ConnectOptions): DialTarget {
  if (options.transport === "unix") return { transport: "unix", path: options.path };
  const { hostname, port } = options;
  checkPort(port, 0);
  return { transport: "tcp", port, ...hostname === undefined ? {} : { hostname } };
}
