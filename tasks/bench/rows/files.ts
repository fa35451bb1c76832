import { join } from "node:path";
import { above, ahead, below } from "../goals.ts";
import type { Row } from "../row.ts";
import { runProgram } from "../program.ts";
import { megabytesPerSecond, milliseconds } from "../timing.ts";
import { type Cargo, transferRows } from "./transfers.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const LARGE = 512 * MIB;

const FILES = 5000;
const FOLDERS = 50;

function small(id: string, title: string, bytes: number): Cargo {
  const goals = [
    ahead("ms", "scp", 1.3),
    ...(bytes === KIB ? [below(1, "ms")] : []),
  ];
  return {
    id,
    title,
    unit: "ms",
    rounds: 40,
    goals: { up: goals, down: goals },
    source: (surroundings) => surroundings.file(bytes),
    count: milliseconds,
    scp: [],
    copy: Deno.copyFile,
    ...(bytes === KIB ? { charted: ["docker cp"] } : {}),
  };
}

const large: Cargo = {
  id: "file-512m",
  title: "a file of 512 MiB",
  unit: "MB/s",
  rounds: 3,
  goals: {
    up: [ahead("MB/s", "scp", 1.3), above(400, "MB/s")],
    down: [ahead("MB/s", "scp", 1.3), above(500, "MB/s")],
  },
  source: (surroundings) => surroundings.file(LARGE),
  count: (move) => megabytesPerSecond(LARGE, move),
  settles: true,
  dockerGoal: 1.5,
  charted: ["scp", "docker cp"],
  scp: [],
  copy: Deno.copyFile,
};

const tree: Cargo = {
  id: "tree",
  title: "a tree of 5,000 small files",
  unit: "ms",
  rounds: 3,
  goals: { up: [ahead("ms", "scp", 3)], down: [ahead("ms", "scp", 3)] },
  source: async (surroundings) => await plant(join(await surroundings.scratch(), "tree")),
  count: milliseconds,
  scp: ["-r"],
  charted: ["docker cp"],
  copy: (from, to) => runProgram("cp", ["-r", from, to]),
};

/** Makes the tree, unless it is there. */
async function plant(root: string): Promise<string> {
  if (await Deno.stat(root).then(() => true, () => false)) return root;
  for (let folder = 0; folder < FOLDERS; folder++) {
    const path = join(root, `folder-${folder}`);
    await Deno.mkdir(path, { recursive: true });
    for (let file = 0; file < FILES / FOLDERS; file++) {
      await Deno.writeTextFile(join(path, `file-${file}.txt`), `${folder}/${file}\n`.repeat(20));
    }
  }
  return root;
}

/** Files and folders, to nodes and back. */
export const fileRows: readonly Row[] = [
  small("file-1k", "a file of 1 KiB", KIB),
  small("file-1m", "a file of 1 MiB", MIB),
  large,
  tree,
].flatMap(transferRows);
