import assert from "node:assert/strict";
import { runTool } from "../agent/build/run_tool.ts";
import { RunnerProcess } from "../clusters/guardian/testing/runner_process.ts";
import { AwsServerProcess } from "../clusters/aws/testing/aws_server_process.ts";
import { TemporaryState } from "./testing/temporary_state.ts";
import { requirement } from "../clusters/requirement.ts";

/** Milliseconds until what was swept has really ended, on a busy machine. */
const WITHIN = 20_000;

/** What a sweep said and how it ended. */
interface Sweep {
  readonly code: number;
  readonly lines: string[];
  readonly complaints: string[];
}

/** Where no recipes are kept: those of this user's runs are none of these tests. */
const NO_STATE = { XDG_STATE_HOME: `/tmp/clustertest-no-state-${crypto.randomUUID()}` };

const MAIN = new URL("./sweep.ts", import.meta.url).pathname;
const COMMAND = [Deno.execPath(), "run", "--allow-all", "--quiet", MAIN];

/** Runs the task as a user does. */
async function sweep(args: string[], env: Record<string, string> = {}): Promise<Sweep> {
  return await runSweep([...COMMAND, ...args], env);
}

async function runSweep([program, ...args]: string[], env = {}): Promise<Sweep> {
  const output = await new Deno.Command(program!, { args, env: { ...NO_STATE, ...env } }).output();
  return {
    code: output.code,
    lines: linesOf(output.stdout),
    complaints: linesOf(output.stderr),
  };
}

function linesOf(output: Uint8Array): string[] {
  return new TextDecoder().decode(output).split("\n").slice(0, -1);
}

/** Only on Linux are the processes of a run found. */
function linuxTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os !== "linux", fn });
}

linuxTest("sweep removes what a runner left that was killed with its guardian", async () => {
  await using runner = await RunnerProcess.start({ backend: "local" });
  await runner.killWithGuardian();
  const { run, folder } = runner.report;
  const left = await runner.leftOvers();

  // Both of them find it, and one tells of it.
  const dry = await sweep(["--backend", "local", "--backend", "loopback", "--dry-run"]);
  assert.equal(dry.code, 0);
  const mine = dry.lines.filter((line) => line.includes(run));
  assert.equal(mine.length, left.length);
  const gone = /^(process|folder) \S+ \(of run \w+; its owner, process \d+, is gone\): /;
  for (const line of mine) assert.match(line, gone);
  assert.ok(mine.every((line) => line.endsWith(": would be removed")));
  assert.equal((await runner.leftOvers()).length, left.length);

  const real = await sweep(["--backend", "local", "--run", run]);
  assert.deepEqual(real.complaints, []);
  assert.equal(real.code, 0);
  assert.equal(real.lines.length, left.length);
  assert.ok(real.lines.includes(`folder ${folder} (of run ${run}, which is over): removed`));
  await runner.awaitNothing({ within: WITHIN });
});

const mounts = await requirement("mount namespaces", () => runTool(["unshare", "-m", "true"]));

Deno.test({
  name: "sweep fails, and says why, when something cannot be removed",
  ignore: mounts === undefined,
  async fn() {
    await using runner = await RunnerProcess.start({ backend: "local" });
    await runner.killWithGuardian();
    const { run, folder } = runner.report;
    // What is mounted there is seen by this sweep alone, and gone with it.
    const script = 'mount -t tmpfs none "$0"/*/ && exec "$@"';
    const command = [...COMMAND, "--backend", "local", "--run", run];
    const { code, lines } = await runSweep([
      "unshare",
      "-m",
      "sh",
      "-c",
      script,
      folder,
      ...command,
    ]);
    assert.equal(code, 1);
    assert.match(lines.at(-1)!, /^folder \S+ \(.+\): cannot be removed: .*busy/);
    // The next sweep still knows whose it is.
    const known = `of run ${run}; its owner, process ${runner.report.pid}, is gone`;
    const next = await sweep(["--backend", "local", "--dry-run"]);
    assert.deepEqual(next.lines.filter((line) => line.includes(run)), [
      `folder ${folder} (${known}): would be removed`,
    ]);
    // Of this run alone: other tests leave something behind as well, and look for it.
    assert.deepEqual((await sweep(["--backend", "local", "--run", run])).lines, [
      `folder ${folder} (of run ${run}, which is over): removed`,
    ]);
  },
});

linuxTest("sweep spares a run whose process is there", async () => {
  await using runner = await RunnerProcess.start({ backend: "local" });
  const { code, lines } = await sweep(["--backend", "local", "--dry-run"]);
  assert.equal(code, 0);
  assert.deepEqual(lines.filter((line) => line.includes(runner.report.run)), []);
});

Deno.test("sweep says that there is nothing when a run has left nothing", async () => {
  const { code, lines } = await sweep(["--backend", "local", "--run", "nobody"]);
  assert.deepEqual({ code, lines }, { code: 0, lines: ["Nothing was left behind"] });
});

Deno.test("sweep says which region of EC2 it looked at, and is told another", async () => {
  await using server = await AwsServerProcess.start({ machines: "simulated", stack: true });
  const lines = async (...args: string[]): Promise<string[]> =>
    (await sweep(["--backend", "ec2", ...args], server.env)).lines;
  const nothing = (region: string): string[] => [
    `Nothing was left behind (on EC2, ${region} alone was looked at)`,
  ];
  assert.deepEqual(await lines(), nothing("us-east-1"));
  assert.deepEqual(await lines("--region", "eu-central-1"), nothing("eu-central-1"));
});

Deno.test("sweep looks where this user's runs have been as well, except in other regions", async () => {
  await using server = await AwsServerProcess.start({ machines: "simulated", stack: true });
  await using state = await TemporaryState.make();
  await state.keep("ec2", { region: "eu-central-1" });
  await state.keep("ec2", { region: "eu-central-1" });
  await state.keep("nothing-of-ours", {});
  const looked = async (...args: string[]) => {
    const { lines, complaints } = await sweep(["--backend", "ec2", ...args], {
      ...server.env,
      ...state.env,
    });
    assert.deepEqual(complaints, []);
    return lines;
  };
  const nothing = (regions: string) => [
    `Nothing was left behind (on EC2, ${regions} alone was looked at)`,
  ];
  assert.deepEqual(await looked(), nothing("us-east-1, eu-central-1"));
  assert.deepEqual(await looked("--region", "us-west-2"), nothing("us-west-2"));
});

Deno.test("sweep passes over an engine that a run used, when it cannot be reached any more", async () => {
  await using state = await TemporaryState.make();
  await state.keep("docker", { host: "unix:///gone.sock", env: {} });
  const { code, complaints } = await sweep(["--run", state.run], { ...noEngine, ...state.env });
  assert.equal(code, 0);
  const gone = complaints.filter((line) => line.includes("gone.sock"));
  assert.equal(gone.length, 1, complaints.join("\n"));
  assert.match(gone[0]!, /^Not swept: Cannot use backend "docker": .* there is no such socket$/);
});

Deno.test("sweep says once what to do about engines that are gone, and not that nothing was left", async () => {
  await using state = await TemporaryState.make();
  for (const name of ["one", "two", "two", "three"]) {
    await state.keep("docker", { host: `unix:///gone-${name}.sock`, env: {} });
  }
  const args = ["--dry-run", "--run", state.run];
  const { code, lines, complaints } = await sweep(args, { ...noEngine, ...state.env });
  assert.equal(code, 0);
  for (const name of ["one", "two", "three"]) {
    assert.equal(complaints.filter((line) => line.includes(`gone-${name}.sock`)).length, 1);
  }
  assert.equal(complaints.filter((line) => line.includes("systemctl start docker")).length, 1);
  const count = complaints.filter((line) => line.startsWith("Not swept: ")).length;
  assert.deepEqual(lines, [
    `Nothing was found; ${count} places could not be looked at, as said above`,
  ]);
});

Deno.test("sweep runs a module that a run has used only if the user names it", async () => {
  await using state = await TemporaryState.make();
  const path = `${state.dir}/own.ts`;
  const resource = { kind: "folder", id: "x", reason: "of a test", outcome: "removed" };
  await Deno.writeTextFile(
    path,
    `Deno.writeTextFileSync("${state.dir}/loaded", "");
    const nothing = { sweep: () => ({ found: [] }) };
    export const backendFromEnvironment = () => nothing;
    export const backendFromRecipe = (options) => ({ sweep: () => ({ found: [options] }) });`,
  );
  await state.keep(`file://${path}`, resource);
  const isLoaded = () => Deno.stat(`${state.dir}/loaded`).then(() => true, () => false);
  const args = ["--run", state.run];

  const refused = await sweep(args, { ...noEngine, ...state.env, CLUSTERTEST_BACKEND: "./no.ts" });
  const complaint = refused.complaints.filter((line) => line.includes(path));
  assert.equal(complaint.length, 1);
  assert.match(complaint[0]!, /^Not swept: run \S+ has used the backend file:.*names it$/);
  assert.deepEqual((await sweep([...args, "--backend", "local"], state.env)).complaints, []);
  assert.equal(await isLoaded(), false);

  const removed = "folder x (of a test): removed";
  const byEnvironment = { ...noEngine, ...state.env, CLUSTERTEST_BACKEND: path };
  assert.deepEqual((await sweep(args, byEnvironment)).lines, [removed]);
  assert.equal(await isLoaded(), true);
  assert.deepEqual((await sweep([...args, "--backend", path], state.env)).lines, [removed]);
});

Deno.test("sweep says in one line which recipe it does not read, and goes on", async () => {
  await using state = await TemporaryState.make();
  await Deno.chmod(await state.keep("local", { some: "options" }), 0o666);
  const { code, lines, complaints } = await sweep(
    ["--backend", "local", "--run", state.run],
    state.env,
  );
  const expected = "Nothing was found; 1 place could not be looked at, as said above";
  assert.deepEqual({ code, lines }, { code: 0, lines: [expected] });
  assert.equal(complaints.length, 1);
  assert.match(complaints[0]!, /^Not read: .*: others have access to it \(mode 666\)$/);
});

const noEngine = { DOCKER_HOST: "unix:///nowhere.sock" };

Deno.test("sweep tells in one line which backend cannot be used, and goes on", async () => {
  const { code, complaints } = await sweep(["--run", "nobody"], noEngine);
  assert.equal(code, 0);
  const skipped = complaints.filter((line) => line.startsWith("Not swept: "));
  const [complaint, ...others] = skipped.filter((line) => line.includes('"docker"'));
  assert.match(complaint!, /^Not swept: Cannot use backend "docker": .*nowhere\.sock/);
  assert.deepEqual(others, []);
  assert.ok(complaints.every((line) => /^(Not swept: |To sweep "\w+", too: )/.test(line)));
});

Deno.test("sweep fails when a backend that was asked for cannot be used", async () => {
  const { code, complaints } = await sweep(["--backend", "docker", "--dry-run"], noEngine);
  assert.equal(code, 1);
  assert.equal(complaints.length, 1);
  assert.match(complaints[0]!, /^Cannot use backend "docker": .*nowhere\.sock/);
});

const wrong: Record<string, { args: string[]; complaint: RegExp }> = {
  "an unknown option": { args: ["--all"], complaint: /Unknown option '--all'/ },
  "an unknown backend": {
    args: ["--backend", "nope"],
    complaint: /"nope" in --backend: the known ones are "local", "loopback"/,
  },
  "a stray word": { args: ["local"], complaint: /Unexpected argument 'local'/ },
  "no value": { args: ["--run"], complaint: /'--run <value>' argument missing/ },
  "an empty run": { args: ["--run", ""], complaint: /--run needs the id of a run/ },
  "an empty region": { args: ["--region", ""], complaint: /--region needs the name of a region/ },
  "caches of a run": { args: ["--run", "x", "--caches"], complaint: /belong to no run/ },
};

for (const [what, { args, complaint }] of Object.entries(wrong)) {
  Deno.test(`sweep refuses ${what} in one line`, async () => {
    const { code, lines, complaints } = await sweep(args);
    assert.equal(code, 2);
    assert.deepEqual(lines, []);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0]!, complaint);
  });
}

Deno.test("sweep shows its options when asked for help", async () => {
  const { code, lines } = await sweep(["--help"]);
  assert.equal(code, 0);
  assert.ok(lines.some((line) => line.includes("--dry-run")));
});
