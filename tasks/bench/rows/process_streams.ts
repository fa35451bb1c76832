import type { Node } from "../../../clusters/node/mod.ts";
import { above, ahead } from "../goals.ts";
import { peer } from "../peers/peer.ts";
import { drain, fill, readOutput, writeInput } from "../program.ts";
import { CLUSTERTEST, type Contender, type Row } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";
import { megabytesPerSecond } from "../timing.ts";

const BYTES = 512 * 1024 * 1024;

/** Bytes that the programs move at a time: so many that not they are what is measured. */
const BLOCK = 64 * 1024;

/** Writes as fast as it can. */
const WRITER = ["dd", "if=/dev/zero", `bs=${BLOCK}`, `count=${BYTES / BLOCK}`] as const;

/** Reads as fast as it can. */
const READER = ["dd", "of=/dev/null", `bs=${BLOCK}`] as const;

/** A direction in which a process streams. */
interface Direction {
  readonly name: "output" | "input";
  readonly command: readonly [string, ...string[]];
  /** How many times faster than `docker exec` it is to be. */
  readonly dockerGoal: number;
  ours(node: Node): Promise<void>;
  program(command: string, args: readonly string[], bytes: number): Promise<void>;
}

const output: Direction = {
  name: "output",
  command: WRITER,
  dockerGoal: 3,
  async ours(node) {
    const [command, ...args] = WRITER;
    await using process = await node.spawn(command, args, { stdout: "piped" });
    await drain(process.stdout, BYTES);
    await process.status;
  },
  program: readOutput,
};

const input: Direction = {
  name: "input",
  command: READER,
  dockerGoal: 1,
  async ours(node) {
    const [command, ...args] = READER;
    await using process = await node.spawn(command, args, { stdin: "piped" });
    await fill(process.stdin, BYTES);
    await process.status;
  },
  program: writeInput,
};

function ours(direction: Direction, node: Node): Contender {
  return { name: CLUSTERTEST, sample: () => megabytesPerSecond(BYTES, () => direction.ours(node)) };
}

function program(direction: Direction, [command, args]: [string, string[]]): Contender["sample"] {
  return () => megabytesPerSecond(BYTES, () => direction.program(command, args, BYTES));
}

function bare(direction: Direction): Contender {
  const [command, ...args] = direction.command;
  return { name: "Deno.Command", sample: program(direction, [command, args]) };
}

function overSsh(direction: Direction, surroundings: Surroundings) {
  return peer("ssh", async () => {
    const ssh = await surroundings.ssh();
    return program(direction, ssh.command(...direction.command));
  });
}

function loopbackRow(direction: Direction): Row {
  return {
    id: `process-${direction.name}`,
    title: `${direction.name} of a process on a loopback node`,
    unit: "MB/s",
    rounds: 5,
    goals: [ahead("MB/s", "ssh"), ahead("MB/s", "ssh", 1.3), above(500, "MB/s")],
    charted: direction === output ? ["ssh"] : [],
    contenders: async (surroundings) => [
      ours(direction, await surroundings.loopbackNode()),
      await overSsh(direction, surroundings),
      bare(direction),
    ],
  };
}

function dockerRow(direction: Direction): Row {
  return {
    id: `process-${direction.name}-docker`,
    title: `${direction.name} of a process on a Docker node`,
    unit: "MB/s",
    rounds: 5,
    goals: [ahead("MB/s", "docker exec", direction.dockerGoal)],
    charted: ["docker exec"],
    contenders: async (surroundings) => {
      const node = await surroundings.dockerNode();
      return [
        ours(direction, node),
        await peer("docker exec", async () => {
          const docker = await surroundings.dockerCli();
          return program(direction, docker.exec(node.id, ...direction.command));
        }),
      ];
    },
  };
}

/** What a process writes, and what it reads: 512 MiB each. */
export const processStreamRows: readonly Row[] = [output, input].flatMap((direction) => [
  loopbackRow(direction),
  dockerRow(direction),
]);
