import { join } from "node:path";
import type { Node } from "../../../clusters/node/mod.ts";
import { CLUSTERTEST, type Goal, type Row, type Unit } from "../row.ts";
import { ahead } from "../goals.ts";
import { peer } from "../peers/peer.ts";
import { runProgram } from "../program.ts";
import type { Surroundings } from "../surroundings.ts";

/** What is moved, and how that is counted. */
export interface Cargo {
  /** Part of the row's id. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly rounds: number;
  /** Goals of ours on a loopback node, in each direction. */
  readonly goals: { readonly up: readonly Goal[]; readonly down: readonly Goal[] };
  /** How many times faster than `docker cp` it is to be on a Docker node. @default 1 */
  readonly dockerGoal?: number;
  /** Peers that the chart compares with. @default none */
  readonly charted?: readonly ("scp" | "docker cp")[];
  /** A path of this machine that has it. */
  source(surroundings: Surroundings): Promise<string>;
  /** Counts what it takes to move it. */
  count(move: () => Promise<unknown>): Promise<number>;
  /** Options of `scp`. */
  readonly scp: readonly string[];
  /**
   * Whether it waits first until nothing is to be written to a disk any more: the system slows down
   * the writes of a process while much is, and that would be those of the next contender. @default false
   */
  readonly settles?: boolean;
  /** Copies it on this machine. */
  copy(from: string, to: string): Promise<unknown>;
}

type Way = "up" | "down";

/** The rows of a cargo: up and down, for nodes on loopback and in Docker. */
export function transferRows(cargo: Cargo): Row[] {
  return (["up", "down"] as const).flatMap((
    way,
  ) => [loopbackRow(cargo, way), dockerRow(cargo, way)]);
}

function loopbackRow(cargo: Cargo, way: Way): Row {
  const { id, title, unit, rounds, goals, charted = [] } = cargo;
  return {
    id: `${id}-${way}`,
    title: `${title} ${way}, loopback node`,
    unit,
    rounds,
    goals: goals[way],
    charted: charted.filter((name) => name === "scp"),
    contenders: async (surroundings) => {
      const { from, to } = await places(cargo, surroundings);
      const node = await surroundings.loopbackNode();
      return [
        { name: CLUSTERTEST, sample: await ours(cargo, way, { node, from, to }) },
        await peer("scp", async () => {
          const ssh = await surroundings.ssh();
          const ends = way === "up" ? [from, ssh.remote(to)] : [ssh.remote(from), to];
          return again(cargo, to, () => ssh.copy(ends[0]!, ends[1]!, cargo.scp));
        }),
        { name: "plain copy", sample: again(cargo, to, () => cargo.copy(from, to)) },
      ];
    },
  };
}

function dockerRow(cargo: Cargo, way: Way): Row {
  const { id, title, unit, rounds, dockerGoal = 1, charted = [] } = cargo;
  return {
    id: `${id}-${way}-docker`,
    title: `${title} ${way}, Docker node`,
    unit,
    rounds,
    goals: [ahead(unit, "docker cp", dockerGoal)],
    charted: charted.filter((name) => name === "docker cp"),
    contenders: async (surroundings) => {
      const { from, to } = await places(cargo, surroundings);
      const node = await surroundings.dockerNode();
      const remote = `${node.rootDir}/docker-${cargo.id}`;
      return [
        { name: CLUSTERTEST, sample: await ours(cargo, way, { node, from, to }) },
        await peer("docker cp", async () => {
          const docker = await surroundings.dockerCli();
          if (way === "up") {
            const clear = () => node.run("rm", ["-rf", remote]);
            return () => counted(cargo, clear, () => docker.copy(from, `${node.id}:${remote}`));
          }
          await node.upload(from, remote);
          return again(cargo, to, () => docker.copy(`${node.id}:${remote}`, to));
        }),
      ];
    },
  };
}

interface Ends {
  readonly node: Node;
  readonly from: string;
  readonly to: string;
}

async function ours(cargo: Cargo, way: Way, { node, from, to }: Ends) {
  const there = `bench-${cargo.id}`;
  if (way === "down") {
    await node.upload(from, there);
    return again(cargo, to, () => node.download(there, to));
  }
  const clear = () => node.run("rm", ["-rf", there]);
  return () => counted(cargo, clear, () => node.upload(from, there));
}

/** Moves it to a place where nothing is: to overwrite is another matter. */
function again(cargo: Cargo, to: string, move: () => Promise<unknown>): () => Promise<number> {
  const clear = () => Deno.remove(to, { recursive: true }).catch(() => {});
  return () => counted(cargo, clear, move);
}

/** Counts a move to where nothing is any more. */
async function counted(
  cargo: Cargo,
  clear: () => Promise<unknown>,
  move: () => Promise<unknown>,
): Promise<number> {
  await clear();
  if (cargo.settles) await runProgram("sync", []);
  return await cargo.count(move);
}

async function places(cargo: Cargo, surroundings: Surroundings) {
  const to = join(await surroundings.scratch(), `copy-of-${cargo.id}`);
  return { from: await cargo.source(surroundings), to };
}
