import type { DialTarget, HostAddresses, ListenTarget } from "../host/host.ts";
import { either, integer, oneOf, optional, record, type Shape, text } from "./shape.ts";

const port = integer(0, 65_535);

/** Lets an address pass, as `Deno` has it. */
export const addressShape: Shape<Deno.NetAddr | Deno.UnixAddr> = either(
  record({ transport: oneOf("tcp", "udp"), hostname: text(255), port }),
  record({ transport: oneOf("unix", "unixpacket"), path: text() }),
);

/** Lets both ends of a connection pass. */
export const addressesShape: Shape<HostAddresses> = record({
  localAddr: addressShape,
  remoteAddr: addressShape,
});

/** Lets a place to connect to pass. */
export const targetShape: Shape<DialTarget> = either(
  record({ transport: oneOf("tcp"), hostname: optional(text(255)), port }),
  record({ transport: oneOf("unix"), path: text() }),
);

/** Lets a place to listen at pass. */
export const listenTargetShape: Shape<ListenTarget> = either(
  record({ transport: oneOf("tcp"), port, reach: oneOf("host") }),
  targetShape,
);
