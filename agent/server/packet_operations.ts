import type { PacketRule } from "../host/host.ts";
import { integer, list, oneOf, optional, record, type Shape, text } from "../wire/shape.ts";
import { type Operation, operation } from "./operation.ts";

/** Characters of the longest address. */
const address = text(64);
const port = integer(1, 65_535);
const mark = text(64);

/** Addresses that one rule names, and rules of one call: nodes of a large cluster. */
const MANY = 10_000;

/** Datagrams of one call. */
const MAX_PROBES = 100_000;

const rule: Shape<PacketRule> = record({
  direction: oneOf("in", "out"),
  peer: optional(address),
  notPeers: optional(list(address, MANY)),
  protocol: optional(oneOf("tcp", "udp", "icmp")),
  port: optional(port),
});

const addresses = operation(record({}), async ({ host, channel }) => {
  return await host.packets.addresses({ signal: channel.signal });
});

const countsShape = record({ counts: oneOf(true) });

const drop = operation(
  record({ rules: list(rule, MANY), sparedPort: optional(port) }),
  async ({ host, channel }, { rules, sparedPort }) => {
    await using dropped = await host.packets.drop(rules, { sparedPort, signal: channel.signal });
    channel.serve((request) => {
      countsShape(request, "the request");
      return dropped.counts();
    });
    channel.event({ dropping: true });
    await channel.closing;
  },
);

const missingParts = operation(record({}), async ({ host, channel }) => {
  return await host.packets.missingParts({ signal: channel.signal });
});

const receivedShape = record({ received: mark });

const receiveProbes = operation(record({}), async ({ host, channel }) => {
  await using receiver = await host.packets.receiveProbes({ signal: channel.signal });
  channel.serve((request) => receiver.received(receivedShape(request, "the request").received));
  channel.event({ port: receiver.port });
  await channel.closing;
});

const sendProbes = operation(
  record({ hostname: address, port, mark, count: integer(1, MAX_PROBES) }),
  async ({ host, channel }, target) => {
    await host.packets.sendProbes(target, { signal: channel.signal });
  },
);

/** What is done to packets, and probes. */
export const packetOperations: Readonly<Record<string, Operation>> = {
  addresses,
  drop,
  missingParts,
  receiveProbes,
  sendProbes,
};
