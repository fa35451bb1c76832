import type { PacketHold, PacketRule, PacketShaping } from "../host/host.ts";
import {
  either,
  flag,
  integer,
  list,
  number,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "../wire/shape.ts";
import { type Operation, operation } from "./operation.ts";

/** Characters of the longest address. */
const address = text(64);
const port = integer(1, 65_535);
const mark = text(64);

/** Addresses that one rule names, and rules of one call: nodes of a large cluster. */
const MANY = 10_000;

/** Datagrams of one call, and bytes of one. */
const MAX_PROBES = 100_000;
const MAX_SIZE = 65_507;

/** Datagrams of one call that are answered: each takes a socket. */
const MAX_TIMED = 1_000;

/** Milliseconds that an answer is waited for. */
const MAX_PATIENCE = 600_000;

const rule: Shape<PacketRule> = record({
  direction: oneOf("in", "out"),
  peer: optional(address),
  notPeers: optional(list(address, MANY)),
  protocol: optional(oneOf("tcp", "udp", "icmp")),
  port: optional(port),
  link: optional(integer(0, MANY)),
});

const rules = list(rule, MANY);

const shaping: Shape<PacketShaping> = record({
  latency: optional(number()),
  jitter: optional(number()),
  distribution: optional(oneOf("uniform", "normal", "pareto")),
  loss: optional(number()),
  correlation: optional(number()),
  duplicate: optional(number()),
  reorder: optional(number()),
  corrupt: optional(number()),
  bandwidth: optional(number()),
  seed: integer(0, 0xffff_ffff),
});

const addresses = operation(record({}), async ({ host, channel }) => {
  return await host.packets.addresses({ signal: channel.signal });
});

const countsShape = record({ counts: oneOf(true) });

const drop = filterOperation("drop", "dropping");

const count = filterOperation("count", "counting");

/** The operation lasts until the runner closes it. */
function filterOperation(fate: "drop" | "count", begun: string): Operation {
  const args = record({ rules, sparedPort: optional(port) });
  return operation(args, async ({ host, channel }, { rules, sparedPort }) => {
    const { signal } = channel;
    await using hold = await host.packets[fate](rules, { sparedPort, signal });
    channel.serve((request) => {
      countsShape(request, "the request");
      return hold.counts();
    });
    channel.event({ [begun]: true });
    await channel.closing;
  });
}

const shapeRequest = either(countsShape, record({ include: rules }));

const shape = operation(
  record({ rules, shaping, sparedPort: optional(port) }),
  async ({ host, channel }, asked) => {
    const { sparedPort } = asked;
    const { signal } = channel;
    await using shaped = await host.packets.shape(asked.rules, asked.shaping, {
      sparedPort,
      signal,
    });
    channel.serve((message) => {
      const request = shapeRequest(message, "the request");
      return "include" in request ? shaped.include(request.include) : shaped.counts();
    });
    channel.event({ shaping: true });
    await untilLost(shaped, channel.closing);
  },
);

const seenShape = record({ seen: oneOf(true) });

const watch = operation(record({ rules }), async ({ host, channel }, { rules }) => {
  await using watching = await host.packets.watch(rules, { signal: channel.signal });
  channel.serve((request) => {
    seenShape(request, "the request");
    return watching.seen();
  });
  channel.event({ watching: true });
  await channel.closing;
});

const missingParts = operation(record({}), async ({ host, channel }) => {
  return await host.packets.missingParts({ signal: channel.signal });
});

/** Until the runner closes; throws when it has ended by itself. */
async function untilLost({ lost }: PacketHold, closing: Promise<unknown>): Promise<void> {
  const error = await Promise.race([lost, closing.then(() => undefined)]);
  if (error) throw error;
}

const receivedShape = record({ received: mark });

const receiveProbes = operation(record({}), async ({ host, channel }) => {
  await using receiver = await host.packets.receiveProbes({ signal: channel.signal });
  channel.serve((request) => receiver.received(receivedShape(request, "the request").received));
  channel.event({ port: receiver.port });
  await channel.closing;
});

const sendProbes = operation(
  record({
    ...{ hostname: address, port, mark, count: integer(1, MAX_PROBES) },
    ...{ size: optional(integer(1, MAX_SIZE)), rate: optional(integer(1, MAX_PROBES)) },
    areNumbered: optional(flag()),
  }),
  async ({ host, channel }, target) => {
    await host.packets.sendProbes(target, { signal: channel.signal });
  },
);

const timeProbes = operation(
  record({
    ...{ hostname: address, port, count: integer(1, MAX_TIMED) },
    ...{ interval: integer(0, MAX_PATIENCE), patience: integer(1, MAX_PATIENCE) },
  }),
  async ({ host, channel }, target) => {
    return await host.packets.timeProbes(target, { signal: channel.signal });
  },
);

/** What is done to packets, and probes. */
export const packetOperations: Readonly<Record<string, Operation>> = {
  addresses,
  drop,
  missingParts,
  count,
  shape,
  watch,
  receiveProbes,
  sendProbes,
  timeProbes,
};
