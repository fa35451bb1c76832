import type { ShapeOptions } from "../../../clusters/faults/mod.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { below } from "../goals.ts";
import { PacketStream } from "../peers/packet_stream.ts";
import { peer } from "../peers/peer.ts";
import { ShapeByHand } from "../peers/shape_by_hand.ts";
import { type AbsentPeer, CLUSTERTEST, type Contender, type Row } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Breakage, RepeatedFault, sampleOf, toxiproxy } from "./faults.ts";

/** Milliseconds of the latency whose error is measured. */
const LATENCY = 20;

/** Which share of the packets has to come that the error is of. */
const COMPLETE = 0.98;

/** A link that is shaped, by us and by hand, and packets on it. */
interface ShapedLink {
  readonly ours: Breakage;
  byHand(discipline: readonly string[]): Promise<Breakage>;
  readonly stream: PacketStream;
}

async function linkOf(surroundings: Surroundings, options: ShapeOptions): Promise<ShapedLink> {
  const { nodes: [from, to], faults } = await surroundings.dockerCluster(3);
  const engine = await surroundings.engine();
  return {
    ours: new RepeatedFault(() => faults.shape({ from: from!, to: to! }, options)),
    byHand: (discipline) => ShapeByHand.prepare({ engine, from: from! }, discipline),
    stream: await PacketStream.prepare(engine, [from!, to!] as readonly [Node, Node]),
  };
}

/** Measures something while packets are shaped. */
async function during(breakage: Breakage, measure: () => Promise<number>): Promise<number> {
  await breakage.make();
  try {
    return await measure();
  } finally {
    await breakage.heal();
  }
}

/** By how many milliseconds packets are later than they are to be, on average, at so many a second. */
function error(rate: number): Row {
  return {
    id: `shape-error-${rate}`,
    title: `by how much packets are later than ${LATENCY} ms, at ${rate.toLocaleString("en")}/s`,
    unit: "ms",
    rounds: 5,
    goals: [below(1, "ms")],
    contenders: async (surroundings) => {
      const { ours, byHand, stream } = await linkOf(surroundings, {
        latency: LATENCY,
        proof: false,
      });
      const late = async (latency: number) => {
        const { mean, share } = await stream.times(rate);
        if (share < COMPLETE) throw new Error(`only a share of ${share} of the packets came`);
        return mean - latency;
      };
      return [
        { name: CLUSTERTEST, sample: () => during(ours, () => late(LATENCY)) },
        { name: "unshaped, later than 0 ms", sample: () => late(0) },
        await netem(byHand, (breakage) => during(breakage, () => late(LATENCY))),
      ];
    },
  };
}

/** Megabytes per second of one connection, all of whose packets are so late. */
function throughput(latency: number): Row {
  return {
    id: `shape-throughput-${latency}`,
    title: `a TCP connection between Docker nodes, with ${latency} ms one way`,
    unit: "MB/s",
    rounds: 5,
    contenders: async (surroundings) => {
      const { ours, byHand, stream } = await linkOf(surroundings, { latency, proof: false });
      const rate = async () => await stream.throughput() / 1e6;
      return [
        { name: CLUSTERTEST, sample: () => during(ours, rate) },
        { name: "unshaped", sample: rate },
        await netem(byHand, (breakage) => during(breakage, rate), latency),
      ];
    },
  };
}

function netem(
  byHand: ShapedLink["byHand"],
  sample: (breakage: Breakage) => Promise<number>,
  latency: number = LATENCY,
): Promise<Contender | AbsentPeer> {
  return peer("tc netem by hand", async () => {
    const breakage = await byHand(["netem", "delay", `${latency}ms`, "limit", "100000"]);
    return () => sample(breakage);
  });
}

/** How soon a link has a bandwidth, or has it no more. */
function bandwidth(counted: keyof Breakage, proof: boolean): Row["contenders"] {
  return async (surroundings) => {
    const { ours, byHand } = await linkOf(surroundings, { bandwidth: "10mbit", proof });
    return [
      { name: CLUSTERTEST, sample: sampleOf(ours, counted) },
      await peer("tc tbf by hand", async () => {
        const limits = ["rate", "10mbit", "burst", "32kbit", "latency", "400ms"];
        return sampleOf(await byHand(["tbf", ...limits]), counted);
      }),
      toxiproxy,
    ];
  };
}

const again = { unit: "ms", rounds: 10 } as const;

/** Packets that are shaped: how soon, how exactly, and how many. */
export const shapeRows: readonly Row[] = [
  {
    ...again,
    id: "shape-made",
    title: "a bandwidth of one link, unproved",
    goals: [below(30, "ms")],
    contenders: bandwidth("make", false),
  },
  {
    ...again,
    id: "shape-healed",
    title: "the heal of that bandwidth, unproved",
    contenders: bandwidth("heal", false),
  },
  ...[1_000, 10_000, 50_000].map(error),
  ...[1, 20, 100].map(throughput),
];
