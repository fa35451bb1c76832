import assert from "node:assert/strict";
import { Recording, written } from "../clusters/runs/testing/recording.ts";

/** What a task said, and how it ended. */
interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a task as a user does. */
async function task(name: "runs" | "logs" | "report", ...args: string[]): Promise<Said> {
  const main = new URL(`./${name}.ts`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "--no-check", main, ...args],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("runs lists what was recorded, and shows the newest", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.emit("abc", { type: "warning", message: "mind the gap" });
  const { id } = recording.run;
  const list = await task("runs", "--dir", recording.dir);
  assert.match(list.out, new RegExp(`^${id}  failed .*1 cluster, 1 node  .*\n$`));
  const last = await task("runs", "last", "--dir", recording.dir);
  assert.match(last.out, new RegExp(`^${id}: failed, .*\n[^]* mind the gap\n`));
  assert.equal(last.code, 0);
});

Deno.test("logs shows lines with their time, node and process", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const process = recording.process("abc", "leader", 7);
  process.take(written("ready\x1b[2J\n"));
  process.take(written("oops\n", { output: "stderr" }));
  const { code, out } = await task("logs", "leader", "etcd", "--dir", recording.dir);
  const time = "\\d\\d:\\d\\d:\\d\\d\\.\\d{3}";
  assert.match(
    out,
    new RegExp(`^${time} leader 7-etcd \\| ready\\\\x1b\\[2J\n${time} leader 7-etcd ! oops\n$`),
  );
  assert.equal(code, 0);
});

Deno.test("logs shows the processes of a name on all nodes, in two ways", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader", "follower");
  recording.process("abc", "leader", 1).take(written("one\n"));
  recording.process("abc", "leader", 2, "sh").take(written("two\n"));
  recording.process("abc", "follower", 3).take(written("three\n"));
  for (const args of [["*", "etcd"], ["--process", "etcd"]]) {
    const { out } = await task("logs", ...args, "--dir", recording.dir);
    assert.match(out, /^\S+ leader 1-etcd \| one\n\S+ follower 3-etcd \| three\n$/);
  }
  const { out } = await task("logs", "leader", "--process", "etcd", "--dir", recording.dir);
  assert.match(out, /^\S+ leader 1-etcd \| one\n$/);
});

Deno.test("logs says so when there is nothing to show", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const { dir, run: { id } } = recording;
  for (const [args, place] of [[[], ""], [["leader"], ' on node "leader"']] as const) {
    const err = `No process of run ${id} wrote anything${place}\n`;
    assert.deepEqual(await task("logs", ...args, "--dir", dir), { code: 0, out: "", err });
  }
});

Deno.test("report writes a page, and other files that are asked for, and prints where", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const { dir, run } = recording;
  const files = ["--perfetto", `${dir}/trace.json`, "--junit", `${dir}/junit.xml`];
  const { code, out } = await task("report", ...files, "--dir", dir);
  assert.deepEqual([code, out], [0, `${run.folder}/report.html\n`]);
  assert.match(await Deno.readTextFile(`${run.folder}/report.html`), /^<!doctype html>/);
  assert.ok(JSON.parse(await Deno.readTextFile(`${dir}/trace.json`)).traceEvents.length > 0);
  assert.match(await Deno.readTextFile(`${dir}/junit.xml`), /^<\?xml [^]*<\/testsuites>\n$/);
  const json = await task("report", run.id, "--json", "--dir", dir);
  const { lanes, tests } = JSON.parse(json.out);
  assert.deepEqual([lanes[1].node, tests[0].verdict], ["leader", "interrupted"]);
});

Deno.test("runs, logs and report say in one line what is wrong, and tell usage from what is missing", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const { dir } = recording;
  const cases = [
    [["runs", "nonesuch", "--dir", dir], 1, /^Cannot find run "nonesuch": [^]*\n$/],
    [["runs", "a", "b"], 2, /^Cannot show more than one run at a time; --help lists/],
    [["runs", "--nonesuch"], 2, /^Unknown option '--nonesuch'.*--help lists what there is\n$/],
    [["report", "a", "b"], 2, /^Cannot report on more than one run at a time; --help lists/],
    [["report", "--junit=", "--dir", dir], 2, /^Cannot write to a file without a name; --help/],
    [["report", "--junit", "/nonesuch/a", "--dir", dir], 1, /^Cannot write \/nonesuch\/a: .*\n$/],
    [["report", "nonesuch", "--dir", dir], 1, /^Cannot find run "nonesuch": [^]*\n$/],
    [["logs", "nobody", "--dir", dir], 1, /^Cannot find a node "nobody": there are:\n {2}\S+\n$/],
    [["logs", "a", "b", "c"], 2, /^Cannot show logs of more than one node .*\n$/],
    [["logs", "*", "vi", "--dir", dir], 1, /^Cannot find a process "vi" that wrote something: no/],
    [
      ["logs", "a", "vi", "--process", "b"],
      2,
      /^Cannot show logs of process "vi" and of --proc.*\n$/,
    ],
    [["logs", "--run"], 2, /^Option '--run <value>' argument missing; --help/],
  ] as const;
  for (const [[name, ...args], code, message] of cases) {
    const said = await task(name, ...args);
    assert.match(said.err, message);
    assert.deepEqual([said.code, said.out], [code, ""]);
  }
});

Deno.test("runs and logs have help, and end quietly when nobody reads on", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.process("abc", "leader", 7).take(written("line\n".repeat(5_000)));
  for (const name of ["runs", "logs"] as const) {
    assert.match((await task(name, "--help")).out, new RegExp(`Usage: deno task ${name} `));
  }
  const main = new URL("./logs.ts", import.meta.url).pathname;
  const script = '"$0" run -A --quiet --no-check "$1" --dir "$2" | head -n 1';
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, Deno.execPath(), main, recording.dir],
  }).output();
  assert.match(new TextDecoder().decode(stdout), /^\S+ leader 7-etcd \| line\n$/);
  assert.equal(new TextDecoder().decode(stderr), "");
});
