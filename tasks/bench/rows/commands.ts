import type { Node } from "../../../clusters/node/mod.ts";
import { ahead, below, isWithin } from "../goals.ts";
import { peer } from "../peers/peer.ts";
import { runProgram } from "../program.ts";
import { CLUSTERTEST, type Contender, type Row } from "../row.ts";
import { inParallel, milliseconds } from "../timing.ts";

/** A program that does nothing. */
const NOTHING = "/bin/true";

const COMMANDS = 1000;
const NODES = 10;

function sampleOf(command: string, args: readonly string[]): Contender["sample"] {
  return () => milliseconds(() => runProgram(command, args));
}

function ours(name: string, node: Node): Contender {
  return { name, sample: () => milliseconds(() => node.run(NOTHING)) };
}

const bare: Contender = { name: "Deno.Command", sample: sampleOf(NOTHING, []) };

/** One after the other, on a node that does nothing else. */
const oneCommand: Row = {
  id: "command",
  title: "a command on an idle loopback node",
  unit: "ms",
  rounds: 4,
  inARow: 100,
  goals: [isWithin("Deno.Command", 1.5, 0.5), ahead("ms", "ssh"), below(2, "ms")],
  charted: ["ssh"],
  contenders: async (surroundings) => [
    ours(CLUSTERTEST, await surroundings.loopbackNode()),
    bare,
    await peer("ssh", async () => sampleOf(...(await surroundings.ssh()).command(NOTHING))),
  ],
};

const oneDockerCommand: Row = {
  id: "command-docker",
  title: "a command on an idle Docker node",
  unit: "ms",
  rounds: 5,
  warmUps: 2,
  inARow: 20,
  goals: [
    isWithin("Deno.Command", 1.5, 0.5),
    isWithin("a loopback node", 1.5),
    ahead("ms", "docker exec", 10),
  ],
  charted: ["docker exec"],
  contenders: async (surroundings) => {
    const node = await surroundings.dockerNode();
    return [
      ours(CLUSTERTEST, node),
      bare,
      ours("a loopback node", await surroundings.loopbackNode()),
      await peer("docker exec", async () => {
        return sampleOf(...(await surroundings.dockerCli()).exec(node.id, NOTHING));
      }),
    ];
  },
};

const manyCommands: Row = {
  id: "commands-1000",
  title: "1,000 commands over 10 loopback nodes, 10 at a time",
  unit: "ms",
  rounds: 3,
  goals: [isWithin("Deno.Command", 1.5), ahead("ms", "ssh")],
  charted: ["ssh"],
  contenders: async (surroundings) => {
    const nodes = await surroundings.loopbackNodes(NODES);
    const all = (run: (index: number) => Promise<unknown>, count = COMMANDS) => () =>
      milliseconds(() => inParallel({ count, atOnce: NODES }, run));
    return [
      { name: CLUSTERTEST, sample: all((index) => nodes[index % NODES]!.run(NOTHING)) },
      { name: "Deno.Command", sample: all(() => runProgram(NOTHING, [])) },
      await peer("ssh", async () => {
        const [command, args] = (await surroundings.ssh()).command(NOTHING);
        // A tenth of them takes long enough, and one takes as long as another.
        const tenth = all(() => runProgram(command, args), COMMANDS / 10);
        return async () => 10 * await tenth();
      }),
    ];
  },
};

/** Commands that do nothing: what is left is what it costs to ask for one. */
export const commandRows: readonly Row[] = [oneCommand, oneDockerCommand, manyCommands];
