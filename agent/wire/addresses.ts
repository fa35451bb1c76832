import type { DialTarget, HostAddresses } from "../host/host.ts";
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

/** Lets a place to connect to, or to listen at, pass. */
export const targetShape: Shape<DialTarget> = either(
  record({ transport: oneOf("tcp"), hostname: optional(text(255)), port }),
  record({ transport: oneOf("unix"), path: text() }),
);
