import { Cluster } from "../../../clusters/cluster/mod.ts";
import { docker } from "../../../clusters/docker/backend.ts";
import type { Fault } from "../../../clusters/faults/mod.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { below, isWithin } from "../goals.ts";
import { BareContainers } from "../peers/bare_containers.ts";
import { type FilterToolName, PartitionByHand } from "../peers/filters_by_hand.ts";
import { peer } from "../peers/peer.ts";
import { type AbsentPeer, CLUSTERTEST, type Contender, type Row } from "../row.ts";
import { milliseconds } from "../timing.ts";

/** What first faults are compared with: each launches a container beside its node. */
const JOINING = "bare, in its network";

/** What could be compared as well, if it were to be had. */
export const toxiproxy: AbsentPeer = {
  name: "Toxiproxy",
  absent: "npm has clients of it, but not the program, and Debian neither",
};

/** New nodes of a test. */
interface NewNodes {
  readonly image: string;
  readonly count: number;
  /** Whether the test says that it needs faults, so that what they take is launched with the nodes. */
  readonly isSaid: boolean;
}

/** Measures something of new nodes, of which none has had a fault. */
async function ofNewNodes(
  { image, count, isSaid }: NewNodes,
  measure: (cluster: Cluster, nodes: readonly Node[]) => Promise<number>,
): Promise<number> {
  const needs = isSaid ? ["partition"] as const : [];
  await using cluster = await Cluster.create(docker({ image }), { needs, progress: false });
  return await measure(cluster, await cluster.addNodes(count));
}

/** Milliseconds until each of the first nodes, as many as `count`, drops what another one sends. */
function blockFirst(count: number, { faults }: Cluster, nodes: readonly Node[]): Promise<number> {
  return milliseconds(() =>
    Promise.all(
      nodes.slice(0, count).map((to, i) => {
        const from = nodes[(i + 1) % nodes.length]!;
        return faults.block({ from, to }, { proof: false });
      }),
    )
  );
}

/** The first faults of so many nodes, of a test that has said before that it needs them, or not. */
function firstFaults(count: number, options: Pick<Row, "rounds"> & Pick<NewNodes, "isSaid">): Row {
  const { rounds, isSaid } = options;
  const what = count === 1
    ? "the first fault of a Docker node"
    : `first faults of ${count} Docker nodes`;
  return {
    id: `fault-first-${count}${isSaid ? "" : "-unsaid"}`,
    title: isSaid ? what : `${what}, of a test without needs: ["partition"]`,
    unit: "ms",
    rounds,
    warmUps: 0,
    goals: [isWithin(JOINING, 1.5)],
    contenders: async (surroundings) => {
      const kind = { image: surroundings.image, count: Math.max(2, count), isSaid };
      const bare = new BareContainers(await surroundings.engine(), kind);
      const join = (nodes: readonly Node[]) => bare.launch(count, nodes.map(({ id }) => id));
      return [
        {
          name: CLUSTERTEST,
          sample: () => ofNewNodes(kind, (cluster, nodes) => blockFirst(count, cluster, nodes)),
        },
        await peer(
          JOINING,
          () =>
            Promise.resolve(() =>
              ofNewNodes({ ...kind, isSaid: false }, async (_cluster, nodes) => {
                const launched = await join(nodes);
                await bare.remove();
                return launched;
              })
            ),
        ),
      ];
    },
  };
}

/** Something that is made, and healed: one of the two is what counts. */
export interface Breakage {
  make(): Promise<unknown>;
  heal(): Promise<void>;
}

/** A fault of ours, which is made again and again. */
export class RepeatedFault implements Breakage {
  readonly #make: () => Promise<Fault>;
  #fault: Fault | undefined;

  constructor(make: () => Promise<Fault>) {
    this.#make = make;
  }

  async make(): Promise<void> {
    this.#fault = await this.#make();
  }

  async heal(): Promise<void> {
    await this.#fault?.heal();
  }
}

/** Makes and heals it, and counts how long the one or the other takes. */
export function sampleOf(breakage: Breakage, counted: keyof Breakage): Contender["sample"] {
  return async () => {
    const made = await milliseconds(() => breakage.make());
    const healed = await milliseconds(() => breakage.heal());
    return counted === "make" ? made : healed;
  };
}

/** One node is cut off from two others, as we do it and as a script does. */
function partitionContenders(counted: keyof Breakage, proof: boolean): Row["contenders"] {
  return async (surroundings) => {
    const cluster = await surroundings.dockerCluster(3);
    const [one, ...others] = cluster.nodes as [Node, ...Node[]];
    const groups = [[one], others];
    const ours = new RepeatedFault(() => cluster.faults.partition(groups, { proof }));
    const byHand = (tool: FilterToolName) =>
      peer(`${tool} by hand`, async () => {
        const engine = await surroundings.engine();
        return sampleOf(await PartitionByHand.prepare(groups, { engine, tool }), counted);
      });
    return [
      { name: CLUSTERTEST, sample: sampleOf(ours, counted) },
      await byHand("iptables"),
      await byHand("nft"),
      toxiproxy,
    ];
  };
}

const partition = { unit: "ms", rounds: 10, inARow: 3 } as const;

/** Faults of networks: how soon they are there, and gone again. */
export const faultRows: readonly Row[] = [
  firstFaults(1, { rounds: 5, isSaid: true }),
  firstFaults(30, { rounds: 2, isSaid: true }),
  firstFaults(1, { rounds: 5, isSaid: false }),
  firstFaults(30, { rounds: 2, isSaid: false }),
  {
    ...partition,
    id: "fault-again",
    title: "a further partition of one Docker node from two, unproved",
    goals: [below(30, "ms")],
    contenders: partitionContenders("make", false),
  },
  {
    ...partition,
    id: "fault-proved",
    title: "a further partition of one Docker node from two, proved",
    goals: [below(1000, "ms")],
    contenders: partitionContenders("make", true),
  },
  {
    ...partition,
    id: "fault-healed",
    title: "the heal of that partition, proved",
    contenders: partitionContenders("heal", true),
  },
];
