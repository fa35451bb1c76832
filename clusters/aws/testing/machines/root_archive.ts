import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { pack } from "tar-stream";
import type { MachinePlan } from "./machine.ts";

/** The files that a machine has beyond those of its image, from the folder `root`. */
export interface RootFiles {
  readonly programs: ReadonlyMap<string, string>;
  /** Milliseconds that a minute lasts for the `shutdown` command. */
  readonly minute: number;
}

const MACHINE = "usr/local/lib/machine";

const PROGRAMS = [
  `${MACHINE}/boot`,
  `${MACHINE}/metadata`,
  "usr/sbin/shutdown",
  "usr/bin/systemctl",
];

/** Other names of `shutdown`. */
const NAMES = ["poweroff", "halt", "reboot"];

/** Reads the programs of machines. */
export async function readRootFiles(minute: number): Promise<RootFiles> {
  const programs = await Promise.all(PROGRAMS.map(async (path) => {
    const text = await Deno.readTextFile(new URL(`./root/${path}`, import.meta.url));
    return [path, text] as const;
  }));
  return { programs: new Map(programs), minute };
}

/** An archive to be unpacked at the root of a machine's image. */
export function rootArchive({ programs, minute }: RootFiles, plan: MachinePlan): Readable {
  const archive = pack();
  for (const [name, text] of programs) archive.entry({ name, mode: 0o755 }, text);
  for (const name of NAMES) {
    archive.entry({ name: `usr/sbin/${name}`, type: "symlink", linkname: "shutdown" });
  }
  archive.entry({ name: `${MACHINE}/minute` }, String(minute / 1000));
  for (const [path, text] of Object.entries(plan.metadata)) {
    archive.entry({ name: `${MACHINE}/meta-data/${path}` }, text);
  }
  if (plan.userData !== undefined) {
    const name = "var/lib/cloud/instance/user-data.txt";
    archive.entry({ name, mode: 0o600 }, Buffer.from(plan.userData));
  }
  archive.finalize();
  return Readable.from(archive);
}
