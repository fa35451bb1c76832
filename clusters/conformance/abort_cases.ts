import { ok, rejects, strictEqual } from "node:assert/strict";
import { basename } from "node:path";
import { setImmediate } from "node:timers";
import type { Node } from "../node/mod.ts";
import {
  type Activity,
  type ActivityPlace,
  startActivities,
  type StartedActivity,
} from "./activity.ts";
import { agentUsage } from "./agent_usage.ts";
import { callActivities } from "./call_activities.ts";
import { ACTIVITY_PROGRAMS, commandActivities } from "./command_activities.ts";
import type { ConformanceCase, Scene } from "./conformance_case.ts";
import { folderActivities } from "./folder_activities.ts";
import { UNTIL_GONE_PROGRAMS, untilGone } from "./until_gone.ts";

/** Everything that takes a signal, on its way to something that works. */
const MEMBERS: Record<string, (scene: Scene, signal: AbortSignal) => Promise<unknown>> = {
  run: ({ node }, signal) => node.run("true", [], { signal }),
  spawn: ({ node }, signal) => node.spawn("true", [], { signal }),
  readFile: ({ node, dir }, signal) => node.readFile(`${dir}/file`, { signal }),
  readTextFile: ({ node, dir }, signal) => node.readTextFile(`${dir}/file`, { signal }),
  writeFile: ({ node, dir }, signal) => node.writeFile(`${dir}/new`, new Uint8Array(), { signal }),
  writeTextFile: ({ node, dir }, signal) => node.writeTextFile(`${dir}/new`, "", { signal }),
  open: ({ node, dir }, signal) => node.open(`${dir}/file`, { signal }),
  create: ({ node, dir }, signal) => node.create(`${dir}/new`, { signal }),
  mkdir: ({ node, dir }, signal) => node.mkdir(`${dir}/new`, { signal }),
  stat: ({ node, dir }, signal) => node.stat(`${dir}/file`, { signal }),
  lstat: ({ node, dir }, signal) => node.lstat(`${dir}/file`, { signal }),
  readDir: ({ node, dir }, signal) => Array.fromAsync(node.readDir(dir, { signal })),
  readLink: ({ node, dir }, signal) => node.readLink(`${dir}/link`, { signal }),
  symlink: ({ node, dir }, signal) => node.symlink("x", `${dir}/new`, { signal }),
  realPath: ({ node, dir }, signal) => node.realPath(`${dir}/file`, { signal }),
  rename: ({ node, dir }, signal) => node.rename(`${dir}/file`, `${dir}/new`, { signal }),
  copyFile: ({ node, dir }, signal) => node.copyFile(`${dir}/file`, `${dir}/new`, { signal }),
  remove: ({ node, dir }, signal) => node.remove(`${dir}/file`, { signal }),
  chmod: ({ node, dir }, signal) => node.chmod(`${dir}/file`, 0o600, { signal }),
  chown: ({ node, dir }, signal) => node.chown(`${dir}/file`, null, null, { signal }),
  makeTempDir: ({ node }, signal) => node.makeTempDir({ signal }),
  makeTempFile: ({ node }, signal) => node.makeTempFile({ signal }),
  upload: ({ node, dir, localDir }, signal) => node.upload(localDir, `${dir}/new`, { signal }),
  download: ({ node, dir, localDir }, signal) => node.download(dir, `${localDir}/new`, { signal }),
  copyTo: ({ node, peer, dir }, signal) =>
    node.copyTo(`${dir}/file`, peer, `${dir}/new`, { signal }),
  downloadUrl: ({ node, dir }, signal) =>
    node.downloadUrl("http://localhost/", `${dir}/new`, { signal }),
  connect: ({ node }, signal) => node.connect({ port: 1, signal }),
  listen: ({ node }, signal) => node.listen({ port: 0, signal }),
  reverseForward: ({ node }, signal) => node.reverseForward(1, { signal }),
  fetch: ({ node }, signal) => node.fetch("http://localhost/", { signal }),
  hostname: ({ node }, signal) => node.hostname({ signal }),
  metrics: ({ node }, signal) => node.metrics({ signal }),
  accept: async ({ node }, signal) => {
    await using listener = await node.listen({ port: 0 });
    return await listener.accept({ signal });
  },
  "Cluster.create": ({ newCluster }, signal) => newCluster({ signal }),
  addNode: ({ cluster }, signal) => cluster.addNode({ signal }),
  addNodes: ({ cluster }, signal) => cluster.addNodes(2, { signal }),
  "addNodes of a list": ({ cluster }, signal) => cluster.addNodes([{}, {}], { signal }),
  each: ({ cluster }, signal) => cluster.each((node) => node.hostname(), cluster.nodes, { signal }),
};

const endless = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) });

/** Waits until there is nothing in a folder but `names`; not for ever. */
async function untilOnly(names: readonly string[], node: Node, dir: string): Promise<void> {
  const signal = AbortSignal.timeout(CLEANING_TIMEOUT);
  for (;;) {
    const entries = await Array.fromAsync(node.readDir(dir, { signal }));
    if (entries.every(({ name }) => names.includes(name))) return;
  }
}

/** Milliseconds that a node may take to remove what an aborted call has begun. */
const CLEANING_TIMEOUT = 10_000;

/** Gives up all of `activities` in their midst; each has to reject with the reason for that. */
async function giveUp(
  activities: Readonly<Record<string, Activity>>,
  place: ActivityPlace,
): Promise<readonly StartedActivity[]> {
  const controllers = new Map(Object.keys(activities).map((name) => [name, new AbortController()]));
  const signalFor = (name: string) => controllers.get(name)!.signal;
  const started = await startActivities(activities, { ...place, signalFor });
  for (const { name, end } of started) {
    const reason = new Error(`${name} was given up`);
    controllers.get(name)!.abort(reason);
    const error = await end;
    strictEqual(error, reason, `${name} gave ${error}`);
  }
  for (const each of started) await each[Symbol.asyncDispose]();
  return started;
}

/** Calls are aborted after so many turns of the event loop, from none on. */
const MOST_TURNS = 40;

/** Aborts a call, sooner and later. Resolves to the results of the calls that ended before. */
async function givenUpAfterTurns<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T[]> {
  const brought: T[] = [];
  for (let turns = 0; turns < MOST_TURNS; turns++) {
    const controller = new AbortController();
    const reason = new Error(`given up after ${turns} turns`);
    const called = call(controller.signal).then(
      (result) => void brought.push(result),
      (error) => strictEqual(error, reason),
    );
    for (let turn = 0; turn < turns; turn++) await new Promise((go) => setImmediate(go));
    controller.abort(reason);
    await called;
  }
  return brought;
}

/** Calls that are aborted. */
export const abortCases: readonly ConformanceCase[] = [
  {
    name:
      "every member that waits rejects with its signal's reason, and does nothing, when that aborted before",
    async run(scene) {
      const { node, dir } = scene;
      await node.writeTextFile(`${dir}/file`, "content");
      await node.symlink("file", `${dir}/link`);
      const reason = new Error("given up before it began");
      for (const [member, call] of Object.entries(MEMBERS)) {
        const error = await call(scene, AbortSignal.abort(reason)).then(() => "none", (e) => e);
        strictEqual(error, reason, `${member}() gave ${error}`);
      }
      strictEqual(await node.readTextFile(`${dir}/file`), "content");
      await rejects(node.lstat(`${dir}/new`), Deno.errors.NotFound);
    },
  },
  {
    name: "every member that waits rejects with its signal's reason when it is given up at once",
    async run(scene) {
      const { node, dir } = scene;
      for (const [member, call] of Object.entries(MEMBERS)) {
        await node.writeTextFile(`${dir}/file`, "content");
        await node.symlink("file", `${dir}/link`).catch(() => {});
        await node.remove(`${dir}/new`, { recursive: true }).catch(() => {});
        const controller = new AbortController();
        const called = call(scene, controller.signal).then(() => "none", (error) => error);
        const reason = new Error(`${member}() was given up`);
        controller.abort(reason);
        const error = await called;
        strictEqual(error, reason, `${member}() gave ${error}`);
      }
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name:
      "whatever is under way rejects with its signal's reason when it is given up, and leaves nothing",
    async run({ node, dir, localDir }) {
      const before = await agentUsage(node);
      const started = await giveUp(callActivities, { node, dir, localDir });
      const downloads = started.filter(({ name }) => name.startsWith("downloadUrl()"));
      strictEqual(downloads.length, 2);
      for (const { dir } of downloads) await untilOnly([], node, dir);
      // What an agent closes it may close after the answer.
      while (before && (await agentUsage(node))!.openFiles > before.openFiles);
    },
  },
  {
    name: "a folder on its way rejects with its signal's reason when it is given up",
    async run({ node, dir, localDir }) {
      const before = await agentUsage(node);
      await giveUp(folderActivities, { node, dir, localDir });
      while (before && (await agentUsage(node))!.openFiles > before.openFiles);
    },
  },
  {
    name: "commands under way reject with their signal's reason when they are given up",
    programs: ACTIVITY_PROGRAMS,
    async run({ node, dir, localDir }) {
      await giveUp(commandActivities, { node, dir, localDir });
    },
  },
  {
    name: "run() and spawn() leave no process when they are given up, however soon",
    programs: ["sh", "sleep", "mkfifo"],
    async run({ node, dir }) {
      const path = `${dir}/pipe`;
      await node.run("mkfifo", [path]);
      const script = 'exec 3<> "$1"; exec sleep 1000';
      const args = ["-c", script, "sh", path];
      await givenUpAfterTurns((signal) => node.run("sh", args, { signal }));
      await givenUpAfterTurns((signal) => node.spawn("sh", args, { signal }));
      // Ends once no process has the pipe open any more.
      const reading = node.readFile(path, { signal: AbortSignal.timeout(20_000) });
      // A reader waits until there is a writer, and this one until there is a reader.
      await using _writer = await node.spawn("sh", ["-c", ': > "$1"', "sh", path]);
      await reading;
    },
  },
  {
    name: "makeTempDir() and makeTempFile() leave nothing when they are given up, however soon",
    async run({ node, dir }) {
      for (const member of ["makeTempDir", "makeTempFile"] as const) {
        for (const path of await givenUpAfterTurns((signal) => node[member]({ dir, signal }))) {
          await node.remove(path);
        }
        // Made after all of those; what is to be removed is removed meanwhile.
        const last = basename(await node[member]({ dir }));
        await untilOnly([last], node, dir);
        await node.remove(`${dir}/${last}`);
      }
    },
  },
  {
    name: "readDir() rejects with its signal's reason between two entries, too",
    async run({ node, dir }) {
      for (const name of ["one", "two", "three"]) await node.writeTextFile(`${dir}/${name}`, "");
      const controller = new AbortController();
      const reason = new Error("given up after the first");
      const names: string[] = [];
      const reading = async () => {
        for await (const { name } of node.readDir(dir, { signal: controller.signal })) {
          names.push(name);
          controller.abort(reason);
        }
      };
      await rejects(reading(), (error) => error === reason);
      strictEqual(names.length, 1);
    },
  },
  {
    name: "aborting run() kills the command and its group",
    programs: [...UNTIL_GONE_PROGRAMS, "mv"],
    async run({ node, dir }) {
      const controller = new AbortController();
      const script = `sleep 1000 & echo $! > ${dir}/pid.new; mv ${dir}/pid.new ${dir}/pid; wait`;
      const running = node.run("sh", ["-c", script], { signal: controller.signal });
      const reason = new Error("given up");
      const aborted = rejects(running, (error) => error === reason);
      while (await node.stat(`${dir}/pid`).then(() => false, () => true));
      controller.abort(reason);
      await aborted;
      await untilGone(node, (await node.readTextFile(`${dir}/pid`)).trim());
    },
  },
  {
    name: "aborting the signal of spawn() kills the process later, too",
    programs: ["sleep"],
    async run({ node }) {
      const controller = new AbortController();
      const options = { signal: controller.signal };
      await using process = await node.spawn("sleep", ["1000"], options);
      controller.abort();
      strictEqual((await process.status).signal, "SIGKILL");
    },
  },
  {
    name: "aborting readFile() and readTextFile() in the middle rejects, and stops reading",
    async run({ node }) {
      for (const member of ["readFile", "readTextFile"] as const) {
        const reason = new Error(`${member}() was given up in the middle`);
        const controller = new AbortController();
        const reading = node[member]("/dev/zero", { signal: controller.signal });
        const aborted = rejects(reading, (error) => error === reason);
        // The node answers: by then the file is open, and its first bytes are on their way.
        await node.lstat(".");
        await node.lstat(".");
        controller.abort(reason);
        await aborted;
      }
    },
  },
  {
    name: "aborting writeFile() and writeTextFile() rejects although nobody takes what they write",
    programs: ["mkfifo", "cat"],
    async run({ node, dir }) {
      const text = "x".repeat(64 * 1024 * 1024);
      const bytes = new TextEncoder().encode(text);
      const silent = () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
      const writes: ((path: string, signal: AbortSignal) => Promise<void>)[] = [
        (path, signal) => node.writeFile(path, bytes, { signal }),
        (path, signal) => node.writeTextFile(path, text, { signal }),
        (path, signal) => node.writeFile(path, endless(), { signal }),
        (path, signal) => node.writeFile(path, silent(), { signal }),
      ];
      for (const [i, write] of writes.entries()) {
        const pipe = `${dir}/pipe${i}`;
        await node.run("mkfifo", [pipe]);
        const options = { stdinFile: pipe, stdout: "piped" } as const;
        // What it writes is not read, so it soon reads no more.
        const reader = node.spawn("cat", [], options);
        const reason = new Error("given up in the middle");
        const controller = new AbortController();
        const aborted = rejects(write(pipe, controller.signal), (error) => error === reason);
        await using _process = await reader;
        await node.lstat(".");
        controller.abort(reason);
        await aborted;
      }
    },
  },
  {
    name: "readers and writers that leave in the middle leave nothing open",
    programs: ["cat"],
    async run({ node, dir }) {
      await node.writeFile(`${dir}/large`, new Uint8Array(8 * 1024 * 1024));
      const file = await node.open(`${dir}/large`);
      const reader = file.readable.getReader();
      await reader.read();
      await reader.cancel();
      await using process = await node.spawn("cat", [], { stdin: "piped", stdout: "piped" });
      const writer = process.stdin.getWriter();
      const written = writer.write(new Uint8Array(1024 * 1024));
      await process.stdout.cancel();
      await written;
      await writer.abort();
      await process.status;
    },
  },
];
