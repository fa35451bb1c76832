import assert from "node:assert/strict";
import { awaitState, commandLines } from "../guardian/testing/command_lines.ts";
import { runTool } from "../../agent/build/run_tool.ts";
import { BASH, controlJobs, EDITOR, writeInEditor } from "../../agent/testing/terminal_scenes.ts";
import { requirement } from "../requirement.ts";
import { BusyProcess } from "./testing/busy_process.ts";

/** Milliseconds until what was killed has really ended, on a busy machine. */
const WITHIN = 20_000;

const PROMPT = /\n?node\d \$ $/;

const BACKENDS = ["local", "loopback"] as const;

/** A test of each kind of route to a node: by the guardian, and by the thread that keeps leases. */
function shellTest(name: string, fn: (run: BusyProcess) => Promise<void>): void {
  for (const backend of BACKENDS) {
    Deno.test({
      name: `a shell on ${backend}, whose test's thread is busy, ${name}`,
      ignore: Deno.build.os !== "linux",
      async fn() {
        await using run = await BusyProcess.start(backend);
        await fn(run);
      },
    });
  }
}

shellTest("is listed, and has the node's folder and environment", async (run) => {
  assert.deepEqual(await run.listed(), ["node1", "node2"]);
  const [line] = (await run.task()).out.split("\n").filter((line) => line.startsWith(run.name));
  const folder = line!.split("/")[0]!;
  assert.match(folder, new RegExp(`^${run.name}-[0-9a-f]{12}$`));
  for (const cluster of [run.name, folder, folder.slice(-12)]) {
    const { out, code } = await run.task(
      `${cluster}/node1`,
      "--",
      "sh",
      "-c",
      "pwd; echo $MINE; exit 7",
    );
    assert.equal(out, `${run.report.rootDir}\r\nyes\r\n`);
    assert.equal(code, 7);
  }
});

shellTest("is a terminal, with size, keys and job control; two at once", async (run) => {
  await using one = await run.look([`${run.name}/node1`, "--", ...BASH]);
  await using other = await run.look([`${run.name}/node1`, "--", ...BASH]);
  await one.shows(PROMPT);
  await other.shows(PROMPT);
  await one.type("echo h''ello; stty size\n");
  await one.shows(/\nhello\r\n24 80\r\n/);
  await one.process.resize({ rows: 50, columns: 132 });
  // Bash writes its line once more when it hears of the size, be it after the line was entered.
  await one.type(
    "until [ \"$(stty size)\" = '50 132' ]; do sleep 0.01; done; echo; echo res''ized\n",
  );
  await one.shows(/\nresized\r\n/);
  await one.shows(PROMPT);
  await controlJobs(one);
  await other.type("stty size; exit 9\n");
  await other.shows(/\n24 80\r\n/);
  assert.equal((await other.process.status).code, 9);
  await one.type("exit 3\n");
  assert.equal((await one.process.status).code, 3);
});

shellTest("is one for an editor", async (run) => {
  await using screen = await run.look([`${run.name}/node1`, "--", ...EDITOR]);
  await writeInEditor(screen);
  assert.equal(await Deno.readTextFile(`${run.report.rootDir}/file`), "hello from vi\n");
});

shellTest(
  "ends with its node, and tells why; the next one needs the node to be there",
  async (run) => {
    const number = `1000.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    await using screen = await run.look([`${run.name}/node1`, "--", ...BASH]);
    await screen.shows(PROMPT);
    await screen.type(`sleep ${number} & echo st''arted\n`);
    await screen.shows(/\nstarted\r\n/);
    await run.order("kill");
    await screen.shows(/\nnode1 was killed\r\n/);
    assert.equal((await screen.process.status).code, 1);
    const running = () => commandLines([`sleep ${number}`]);
    await awaitState(running, ({ length }) => length === 0, WITHIN);
    assert.match(
      (await run.task(`${run.name}/node1`, "--", "true")).err,
      /^Cannot find a node "busy\w+\/node1": there are:/,
    );
    await run.order("start");
    await awaitState(() => run.listed(), ({ length }) => length === 2, WITHIN);
    await using next = await run.look([`${run.name}/node1`, "--", ...BASH]);
    await next.shows(PROMPT);
    await run.order("destroy");
    await next.shows(/\nnode1 was destroyed\r\n/);
    assert.equal((await next.process.status).code, 1);
  },
);

shellTest("ends with its terminal, and so do its jobs", async (run) => {
  const number = `1000.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const screen = await run.look([`${run.name}/node1`, "--", ...BASH]);
  await screen.shows(PROMPT);
  await screen.type(`sleep ${number} & echo st''arted\n`);
  await screen.shows(/\nstarted\r\n/);
  await screen[Symbol.asyncDispose]();
  await awaitState(() => commandLines([`sleep ${number}`]), ({ length }) => length === 0, WITHIN);
});

shellTest("leaves nothing when the run ends, nor when it is killed", async (run) => {
  await using screen = await run.look([`${run.name}/node2`, "--", ...BASH]);
  await screen.shows(PROMPT);
  await run.kill();
  await screen.shows(/\n(The run has ended|It was killed by SIGKILL|node2 was .*)\r\n/);
  assert.equal((await screen.process.status).code, 1);
  await awaitState(() => run.left(), ({ length }) => length === 0, WITHIN);
  assert.deepEqual(await run.listed(), []);
});

shellTest(
  "leaves a socket when its guardian is killed, too, which a sweep removes",
  async (run) => {
    await run.killWithGuardian();
    assert.ok((await run.left()).includes("shells"));
    assert.deepEqual(await run.listed(), []);
    await run.sweep();
    assert.deepEqual((await run.left()).includes("shells"), false);
  },
);

shellTest("does not keep its run from its end", async (run) => {
  await using screen = await run.look([`${run.name}/node2`, "--", ...BASH]);
  await screen.shows(PROMPT);
  await run.end();
  assert.equal((await screen.process.status).code, 1);
  assert.deepEqual(await run.left(), []);
});

shellTest("is refused with a line that says why", async (run) => {
  const node = `${run.name}/node1`;
  const cases = [
    [
      [`${run.name}/node9`],
      /^Cannot find a node "busy\w+\/node9": there are:\n {2}\S+\/\S+\n/,
      1,
    ],
    [
      [node, "--", "no-such-command"],
      /^Cannot start "no-such-command": no such command in .*\n$/,
      1,
    ],
    [
      [node, "--"],
      /^Cannot run a command: there is none behind --; --help lists what there is\n$/,
      2,
    ],
    [[node, "node2"], /^Cannot open shells on several nodes: .*\n$/, 2],
    [["--", "true"], /^Cannot run a command: on which node\?; --help/, 2],
    [["--nonesuch"], /^Unknown option '--nonesuch'/, 2],
  ] as const;
  for (const [args, message, code] of cases) {
    const said = await run.task(...args);
    assert.match(said.err, message);
    assert.equal(said.code, code);
  }
});

Deno.test({
  name: "the guardian that takes another's place serves shells as well, and shows no variables",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using run = await BusyProcess.start("local");
    const [first] = await run.guardians();
    Deno.kill(parseInt(first!), "SIGKILL");
    // The runner notices once its thread is free.
    await run.order("rest");
    await awaitState(
      async () => {
        const guardians = await run.guardians();
        return guardians.filter((line) => line !== first);
      },
      ({ length }) => length === 1,
      WITHIN,
    );
    await awaitState(() => run.listed(), ({ length }) => length === 2, WITHIN);
    const { out } = await run.task(`${run.name}/node1`, "--", "sh", "-c", "echo $MINE");
    assert.equal(out, "yes\r\n");
    assert.doesNotMatch((await run.guardians()).join("\n"), /MINE/);
  },
});

const otherUsers = await requirement(
  "other users",
  () => runTool(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "true"]),
);

Deno.test({
  name: "no other user gets to a shell",
  ignore: otherUsers === undefined,
  async fn() {
    await using run = await BusyProcess.start("local");
    const [socket] = [...Deno.readDirSync(`${run.folder}/shells`)].map(({ name }) => name);
    const path = `${run.folder}/shells/${socket}`;
    // Whatever the folders above it allow.
    await Deno.chmod(`${run.folder}/..`, 0o777);
    await Deno.chmod(run.folder, 0o777);
    const script = "use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0);" +
      "print connect(S, sockaddr_un($ARGV[0])) ? 'connected' : $!";
    const connect = async (...as: string[]) => await runTool([...as, "perl", "-e", script, path]);
    assert.equal(await connect(), "connected");
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    assert.equal(await connect(...user), "Permission denied");
  },
});
