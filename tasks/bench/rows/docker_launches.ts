import { Cluster } from "../../../clusters/cluster/mod.ts";
import { docker } from "../../../clusters/docker/backend.ts";
import { ahead, below, isWithin } from "../goals.ts";
import { BareContainers } from "../peers/bare_containers.ts";
import { peer } from "../peers/peer.ts";
import { CLUSTERTEST, type Row } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";
import { milliseconds } from "../timing.ts";

/** Launches, or removes: one of the two is what counts. */
interface Fleet {
  launch(count: number): Promise<number>;
  remove(): Promise<number>;
}

/** Nodes of a cluster of their own, ready when each has run a command. */
class Nodes implements Fleet {
  readonly #image: string;
  #cluster: Cluster | undefined;

  constructor(image: string) {
    this.#image = image;
  }

  async launch(count: number): Promise<number> {
    const cluster = await Cluster.create(docker({ image: this.#image }), { progress: false });
    this.#cluster = cluster;
    return await milliseconds(async () => {
      const nodes = await cluster.addNodes(count);
      await Promise.all(nodes.map((node) => node.run("true")));
    });
  }

  remove(): Promise<number> {
    return milliseconds(async () => await this.#cluster?.[Symbol.asyncDispose]());
  }
}

async function fleets(surroundings: Surroundings) {
  const engine = await surroundings.engine();
  const { image } = surroundings;
  const bare = (ownNetwork: boolean) => () =>
    Promise.resolve<Fleet>(new BareContainers(engine, { image, ownNetwork }));
  const testcontainers = async (): Promise<Fleet> => {
    const { launch, stop } = bound(await surroundings.testcontainers());
    return { launch, remove: stop };
  };
  return [
    [CLUSTERTEST, () => Promise.resolve<Fleet>(new Nodes(image))],
    ["bare containers", bare(false)],
    ["bare, own network", bare(true)],
    ["testcontainers", testcontainers],
  ] as const;
}

function bound(peer: Awaited<ReturnType<Surroundings["testcontainers"]>>) {
  return { launch: (count: number) => peer.launch(count), stop: () => peer.stop() };
}

function contenders(count: number, counted: "launch" | "remove"): Row["contenders"] {
  return async (surroundings) => {
    const all = await fleets(surroundings);
    return await Promise.all(all.map(([name, make]) =>
      peer(name, async () => {
        const fleet = await make();
        return async () => {
          const launched = await fleet.launch(count);
          const removed = await fleet.remove();
          return counted === "launch" ? launched : removed;
        };
      })
    ));
  };
}

function launchRow(count: number, rounds: number): Row {
  const goals = count === 1
    ? [below(1000, "ms"), isWithin("testcontainers", 1.5)]
    : [isWithin("bare, own network", 1.35), isWithin("testcontainers", 1.4)];
  return {
    id: `launch-docker-${count}`,
    title: count === 1 ? "a Docker node, until its first command" : `${count} Docker nodes`,
    unit: "ms",
    rounds,
    warmUps: 0,
    goals,
    charted: count === 10 ? [] : ["testcontainers"],
    contenders: contenders(count, "launch"),
  };
}

/** Containers as nodes, against containers that only sleep, and against testcontainers. */
export const dockerLaunchRows: readonly Row[] = [
  launchRow(1, 5),
  launchRow(10, 3),
  launchRow(30, 2),
  {
    id: "dispose-docker-30",
    title: "disposal of 30 Docker nodes",
    unit: "ms",
    rounds: 2,
    warmUps: 0,
    goals: [below(5000, "ms"), ahead("ms", "testcontainers")],
    charted: ["testcontainers"],
    contenders: contenders(30, "remove"),
  },
];
