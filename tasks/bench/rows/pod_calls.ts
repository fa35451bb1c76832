import { join } from "node:path";
import type { Node } from "../../../clusters/node/mod.ts";
import { ahead, isWithin } from "../goals.ts";
import { peer } from "../peers/peer.ts";
import { drain, readOutput, runProgram } from "../program.ts";
import { CLUSTERTEST, type Contender, type Row, type Unit } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";
import { megabytesPerSecond, milliseconds } from "../timing.ts";

const MIB = 1024 * 1024;

/** Bytes that a process writes, and those of the larger file: what `kubectl` moves in seconds. */
const BYTES = 128 * MIB;

const WRITER = ["dd", "if=/dev/zero", "bs=65536", `count=${BYTES / 65536}`] as const;

/** A way to a pod that does without the API server; `kubectl` has none. */
const DIRECT = "at its address";

const NOTHING = "/bin/true";

const LOOPBACK = "a loopback node";

const command: Row = {
  id: "kubernetes-command",
  title: "a command on an idle pod, at its address",
  unit: "ms",
  rounds: 5,
  warmUps: 2,
  inARow: 20,
  goals: [isWithin(LOOPBACK, 1, 2), ahead("ms", "kubectl exec", 10)],
  contenders: async (surroundings) => {
    const { direct, forwarded, place } = await surroundings.podNodes();
    const loopback = await surroundings.loopbackNode();
    const once = (node: Node) => () => milliseconds(() => node.run(NOTHING));
    return [
      { name: CLUSTERTEST, sample: once(direct) },
      { name: "by a port-forward", sample: once(forwarded) },
      { name: LOOPBACK, sample: once(loopback) },
      await peer("kubectl exec", async () => {
        const [program, args] = (await surroundings.kubectlCli()).exec(place, NOTHING);
        return () => milliseconds(() => runProgram(program, args));
      }),
    ];
  },
};

const output: Row = {
  id: "kubernetes-output",
  title: "output of a process on a pod, by a port-forward",
  unit: "MB/s",
  rounds: 3,
  goals: [ahead("MB/s", "kubectl exec")],
  contenders: async (surroundings) => {
    const { direct, forwarded, place } = await surroundings.podNodes();
    return [
      { name: CLUSTERTEST, sample: outputOf(forwarded) },
      { name: DIRECT, sample: outputOf(direct) },
      await peer("kubectl exec", async () => {
        const [program, args] = (await surroundings.kubectlCli()).exec(place, ...WRITER);
        return () => megabytesPerSecond(BYTES, () => readOutput(program, args, BYTES));
      }),
    ];
  },
};

function outputOf(node: Node): Contender["sample"] {
  const [program, ...args] = WRITER;
  return () =>
    megabytesPerSecond(BYTES, async () => {
      await using process = await node.spawn(program, args, { stdout: "piped" });
      await drain(process.stdout, BYTES);
      await process.status;
    });
}

/** A file that is moved. */
interface Cargo {
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
  readonly unit: Unit;
  readonly rounds: number;
}

const cargoes: readonly Cargo[] = [
  { id: "1k", title: "1 KiB", bytes: 1024, unit: "ms", rounds: 10 },
  { id: "128m", title: "128 MiB", bytes: BYTES, unit: "MB/s", rounds: 3 },
];

function fileRow(cargo: Cargo, way: "up" | "down"): Row {
  const { id, title, unit, rounds } = cargo;
  return {
    id: `kubernetes-file-${id}-${way}`,
    title: `a file of ${title} ${way}, pod by a port-forward`,
    unit,
    rounds,
    goals: [ahead(unit, "kubectl cp")],
    contenders: (surroundings) => fileContenders(surroundings, cargo, way),
  };
}

async function fileContenders(
  surroundings: Surroundings,
  { bytes, unit }: Cargo,
  way: "up" | "down",
) {
  const { direct, forwarded, place } = await surroundings.podNodes();
  const from = await surroundings.file(bytes);
  const to = join(await surroundings.scratch(), "from-pod");
  const count = (move: () => Promise<unknown>) =>
    unit === "ms" ? milliseconds(move) : megabytesPerSecond(bytes, move);
  const there = `bench-${bytes}`;
  await Promise.all([direct, forwarded].map((node) => node.upload(from, there)));
  const ours = (node: Node) => () =>
    count(() => way === "up" ? node.upload(from, there) : node.download(there, to));
  return [
    { name: CLUSTERTEST, sample: ours(forwarded) },
    { name: DIRECT, sample: ours(direct) },
    await peer("kubectl cp", async () => {
      const kubectl = await surroundings.kubectlCli();
      const here = way === "up" ? from : to;
      const remote = `${forwarded.rootDir}/${there}`;
      return () => count(() => kubectl.copy(place, { here, there: remote, way }));
    }),
  ];
}

/** What is done on pods, against the command line of Kubernetes. */
export const podCallRows: readonly Row[] = [
  command,
  output,
  ...cargoes.flatMap((cargo) => [fileRow(cargo, "up"), fileRow(cargo, "down")]),
];
