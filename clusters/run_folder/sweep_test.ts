import { deepStrictEqual } from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import type { ClusterContext, ProcessIdentity } from "../kit/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { privateFolder } from "../ownership/private_folder.ts";
import { makeClusterFolder, RUN_VARIABLE } from "./run_folder.ts";
import { sweepThisHost } from "./sweep.ts";

/** Milliseconds. */
const AN_HOUR = 60 * 60 * 1000;

const self = currentProcess();

/** The folder of a run with a cluster, last changed long ago; it is removed with what is returned. */
async function makeRunFolder(owner: ProcessIdentity, age: number) {
  const id = `20260101000000r${crypto.randomUUID().slice(0, 8)}`;
  const context: ClusterContext = {
    clusterId: "1a2b3c",
    needs: [],
    run: { id, owner },
    heartbeat: { interval: 5_000, timeout: 60_000 },
    emit: () => {},
    signal: new AbortController().signal,
  };
  const path = dirname(await makeClusterFolder(context));
  await makeOlder(path, age);
  const remove = () => Deno.remove(path, { recursive: true }).catch(() => {});
  return { id, path, [Symbol.asyncDispose]: remove };
}

/** Nothing says any more whose it is. */
async function disown(path: string, age: number): Promise<void> {
  await Deno.remove(join(path, "owner-1a2b3c.json"));
  await makeOlder(path, age);
}

async function makeOlder(path: string, age: number): Promise<void> {
  const time = new Date(Date.now() - age);
  for (const { name } of Deno.readDirSync(path)) await Deno.utime(join(path, name), time, time);
  await Deno.utime(path, time, time);
}

/** What a sweep makes of a folder. */
async function outcomes(path: string, run?: string): Promise<string[]> {
  const { found } = await sweepThisHost({ dryRun: true, run });
  return found.filter(({ id }) => id === path).map(({ reason }) => reason);
}

const elsewhere = { ...self, namespace: "0123456789abcdef" };
/** As an earlier version wrote it. */
const former = { host: "vm", boot: "b", pid: 1, start: "1" } as unknown as ProcessIdentity;

const CASES: { name: string; owner: ProcessIdentity; age: number; reason?: string }[] = [
  { name: "whose owner lives", owner: self, age: 1000 * AN_HOUR },
  {
    name: "whose owner is gone",
    owner: { ...self, start: "1" },
    age: 0,
    reason: `; its owner, process ${self.pid}, is gone`,
  },
  { name: "whose owner cannot be judged", owner: elsewhere, age: 23 * AN_HOUR },
  { name: "of an earlier version", owner: former, age: 23 * AN_HOUR },
  {
    name: "whose owner cannot be judged, unused for a day",
    owner: elsewhere,
    age: 25 * AN_HOUR,
    reason: "; its owner was in another boot or namespace, and nothing uses it",
  },
  {
    name: "of an earlier version, unused for a day",
    owner: former,
    age: 25 * AN_HOUR,
    reason: "; its owner was in another boot or namespace, and nothing uses it",
  },
];

for (const { name, owner, age, reason } of CASES) {
  Deno.test(`sweepThisHost() ${reason ? "finds" : "spares"} a folder ${name}`, async () => {
    await using folder = await makeRunFolder(owner, age);
    const expected = reason === undefined ? [] : [`of run ${folder.id}${reason}`];
    deepStrictEqual(await outcomes(folder.path), expected);
  });
}

Deno.test("sweepThisHost() finds a folder without an owner once nothing has used it for an hour", async () => {
  await using folder = await makeRunFolder(self, 0);
  await disown(folder.path, 0);
  deepStrictEqual(await outcomes(folder.path), []);
  await makeOlder(folder.path, 2 * AN_HOUR);
  const reason = `of run ${folder.id}; nothing says whose it is, nor uses it`;
  deepStrictEqual(await outcomes(folder.path), [reason]);
});

Deno.test("sweepThisHost() spares a folder without an owner while a process uses it", async () => {
  await using folder = await makeRunFolder(self, 0);
  await disown(folder.path, 2 * AN_HOUR);
  const users = [{ cwd: folder.path }, { env: { [RUN_VARIABLE]: folder.id } }];
  // Only Linux shows in which folder a process is.
  for (const options of Deno.build.os === "linux" ? users : users.slice(1)) {
    const user = new Deno.Command("sleep", { args: ["1000"], ...options }).spawn();
    deepStrictEqual(await outcomes(folder.path), []);
    user.kill();
    await user.status;
  }
  deepStrictEqual((await outcomes(folder.path)).length, 1);
});

Deno.test("sweepThisHost() finds a run's folder without an owner when that run is asked for", async () => {
  await using folder = await makeRunFolder(self, 0);
  await disown(folder.path, 0);
  const reason = `of run ${folder.id}, which is over`;
  deepStrictEqual(await outcomes(folder.path, folder.id), [reason]);
  await sweepThisHost({ run: folder.id });
  const names = [...Deno.readDirSync(privateFolder())].map(({ name }) => name);
  deepStrictEqual(names.includes(basename(folder.path)), false);
});

Deno.test("sweepThisHost() spares the folder of a run whose processes it cannot end", async () => {
  await using folder = await makeRunFolder(self, 0);
  const sleep = { args: ["1000"], env: { [RUN_VARIABLE]: folder.id } };
  const child = new Deno.Command("sleep", sleep).spawn();
  const { kill } = Deno;
  // As if it were another user's.
  Deno.kill = (pid, signal) => {
    if (pid === child.pid) throw new Deno.errors.PermissionDenied();
    kill(pid, signal);
  };
  try {
    const { found } = await sweepThisHost({ run: folder.id });
    deepStrictEqual(found.map(({ kind, id }) => ({ kind, id })), [
      { kind: "process", id: folder.id },
    ]);
  } finally {
    Deno.kill = kill;
  }
  const { found } = await sweepThisHost({ run: folder.id });
  deepStrictEqual(found.at(-1)?.id, folder.path);
  await child.status;
});

Deno.test("sweepThisHost() leaves alone what is not named as a run", async () => {
  const path = join(privateFolder(), `something-else-${crypto.randomUUID()}`);
  await Deno.mkdir(path, { recursive: true });
  await makeOlder(path, 1000 * AN_HOUR);
  deepStrictEqual(await outcomes(path), []);
  await Deno.remove(path);
});
