import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { TimeoutError } from "../errors.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { UNTIL_GONE_PROGRAMS, untilGone } from "./until_gone.ts";

/** Writes a file that grows as long as it runs. */
const growing = (file: string) => `while :; do echo x >> ${file}; sleep 0.01; done`;

const GROWING_PROGRAMS = ["sh", "sleep", "cat"] as const;

/** Waits until a file has grown. */
async function untilGrown(node: Node, file: string): Promise<void> {
  const script = 'while [ "$(cat $1 2>/dev/null)" = "$2" ]; do sleep 0.01; done';
  const before = await node.readTextFile(file).catch(() => "");
  await node.run("sh", ["-c", script, "sh", file, before.trimEnd()], { timeout: 20_000 });
}

/** Whether files stay as they are for a while in which what writes them would write often. */
async function standStill(node: Node, files: readonly string[]): Promise<boolean> {
  const sizes = () => Promise.all(files.map(async (file) => (await node.stat(file)).size));
  const before = await sizes();
  await node.run("sleep", ["0.1"]);
  const after = await sizes();
  return after.every((size, i) => size === before[i]);
}

/** Processes that a test has stand still. */
export const processPauseCases: readonly ConformanceCase[] = [
  {
    name: "a paused process stands still with all that it has started, and resume() lets it go on",
    programs: GROWING_PROGRAMS,
    async run({ cluster, node, dir }) {
      const [own, childs, other] = ["own", "child", "other"].map((name) => `${dir}/${name}`);
      const seen: unknown[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if (event.type === "process-paused" || event.type === "process-resumed") {
          seen.push([event.type, event.node, event.error]);
        }
      });
      await using process = await node.spawn("sh", [
        "-c",
        `(${growing(childs!)}) & ${growing(own!)}`,
      ]);
      await using bystander = await node.spawn("sh", ["-c", growing(other!)]);
      for (const file of [own!, childs!, other!]) await untilGrown(node, file);
      await process.pause();
      await process.pause();
      ok(await standStill(node, [own!, childs!]));
      await untilGrown(node, other!);
      await process.resume();
      await process.resume();
      for (const file of [own!, childs!, other!]) await untilGrown(node, file);
      await bystander.pause();
      ok(await standStill(node, [other!]));
      deepStrictEqual(
        seen,
        ["paused", "paused", "resumed", "resumed", "paused"].map((what) => [
          `process-${what}`,
          node.name,
          undefined,
        ]),
      );
    },
  },
  {
    name: "a pause reaches what has left the group of its process",
    programs: [...GROWING_PROGRAMS, "setsid"],
    systems: ["linux"],
    async run({ node, dir }) {
      const [own, daemons] = [`${dir}/own`, `${dir}/daemon`];
      const daemon = `setsid sh -c 'echo $$ > ${dir}/pid; ${growing(daemons)}' & ${growing(own)}`;
      await using process = await node.spawn("sh", ["-c", daemon]);
      for (const file of [own, daemons]) await untilGrown(node, file);
      await process.pause();
      ok(await standStill(node, [own, daemons]));
      await process.resume();
      for (const file of [own, daemons]) await untilGrown(node, file);
      await process.pause();
      // What the kill does not reach is not left standing.
      await process.kill("SIGKILL");
      strictEqual((await process.status).signal, "SIGKILL");
      await untilGrown(node, daemons);
      // It would write into the folder while that is removed.
      const pid = (await node.readTextFile(`${dir}/pid`)).trim();
      await node.run("sh", ["-c", 'kill -9 "$1"', "sh", pid]);
    },
  },
  {
    name: "kill() reaches a paused process, which takes the signal at once",
    programs: ["sh", "sleep", ...UNTIL_GONE_PROGRAMS],
    async run({ node }) {
      const script = "trap 'echo bye; exit 3' TERM; echo $$; while :; do sleep 0.01; done";
      await using trapping = await node.spawn("sh", ["-c", script]);
      await trapping.waitForOutput(/\d+\n/);
      await trapping.pause();
      await trapping.kill();
      strictEqual((await trapping.status).code, 3);
      match((await trapping.log()).stdout, /bye/);
      for (const signal of ["SIGTERM", "SIGKILL", "SIGINT"] as const) {
        await using process = await node.spawn("sleep", ["1000"]);
        await process.pause();
        await process.kill(signal);
        strictEqual((await process.status).signal, signal);
      }
      let pid: number;
      {
        await using process = await node.spawn("sleep", ["1000"]);
        await process.pause();
        pid = process.pid;
      }
      await untilGone(node, `${pid}`);
      const aborted = new AbortController();
      await using process = await node.spawn("sleep", ["1000"], { signal: aborted.signal });
      await process.pause();
      aborted.abort();
      strictEqual((await process.status).signal, "SIGKILL");
    },
  },
  {
    name: "a process that has ended is not paused, which pause() says, and resume() lets it be",
    programs: ["true"],
    async run({ node }) {
      const process = await node.spawn("true");
      await process.status;
      const message = /^Cannot pause the process: it has ended \(node "/;
      await rejects(process.pause(), (error) => {
        ok(error instanceof Deno.errors.NotFound);
        match(error.message, message);
        return true;
      });
      await process.resume();
      await process[Symbol.asyncDispose]();
      await rejects(process.pause(), { message });
      await process.resume();
    },
  },
  {
    name: "a wait for the output of a paused process says that it is paused",
    programs: ["sh", "sleep"],
    async run({ node }) {
      await using process = await node.spawn("sh", [
        "-c",
        "echo one; while [ ! -e go ]; do sleep 0.01; done",
      ]);
      await process.waitForOutput("one");
      await process.pause();
      const waiting = () => process.waitForOutput("two", { timeout: 50 });
      await rejects(waiting, (error) => {
        ok(error instanceof TimeoutError);
        match(error.message, /`sh -c .*` is paused: process\.resume\(\) lets it go on/);
        return true;
      });
      await process.resume();
      await rejects(waiting, (error) => {
        ok(error instanceof TimeoutError);
        ok(!error.message.includes("paused"), error.message);
        return true;
      });
    },
  },
  {
    name: "a paused process stays paused when its node is paused and goes on",
    programs: GROWING_PROGRAMS,
    abilities: ["pause"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      await using process = await node.spawn("sh", ["-c", growing("own")]);
      await using other = await node.spawn("sh", ["-c", growing("other")]);
      for (const file of ["own", "other"]) await untilGrown(node, file);
      await process.pause();
      await node.pause();
      // It waits until the node goes on, as everything does.
      const pausing = other.pause();
      await node.resume();
      await pausing;
      ok(await standStill(node, ["own", "other"]));
      await process.resume();
      await untilGrown(node, "own");
      ok(await standStill(node, ["other"]));
    },
  },
  {
    name: "a paused process ends with its node, by stop() as others do",
    programs: ["sleep"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      await using process = await node.spawn("sleep", ["1000"]);
      await process.pause();
      const { status } = process;
      await node.stop();
      strictEqual((await status).signal, "SIGTERM");
    },
  },
  {
    name: "a paused process ends when its node is killed, and the next one runs",
    programs: GROWING_PROGRAMS,
    abilities: ["kill", "start"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      await using process = await node.spawn("sh", ["-c", growing("file")]);
      await untilGrown(node, "file");
      await process.pause();
      await node.restart();
      ok(await standStill(node, ["file"]));
      await rejects(process.resume(), { name: "NodeDownError" });
      await using next = await node.spawn("sh", ["-c", growing("file")]);
      await untilGrown(node, "file");
      await next.pause();
      ok(await standStill(node, ["file"]));
    },
  },
];
