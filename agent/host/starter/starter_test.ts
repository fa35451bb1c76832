import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { existsSync } from "node:fs";
import { requirement } from "../../../clusters/requirement.ts";
import { runInOwnProcess } from "../../testing/own_process.ts";
import { delay } from "../../delay.ts";
import { ProcessGroup } from "../process_group.ts";
import type { StartFailure } from "./start_failure.ts";
import { type Started, Starter, type StartOrder } from "./starter.ts";
import { openTerminal } from "./testing/terminal.ts";

const linux = await requirement("Linux", async () => {
  if (Deno.build.os !== "linux") throw new Error(`this is ${Deno.build.os}`);
  return await Deno.realPath("/proc/self");
});
const root = await requirement("root", async () => {
  const uid = Deno.uid();
  if (uid !== 0) throw new Error(`the user is ${uid}`);
  return await Promise.resolve("root");
});

interface Opened extends AsyncDisposable {
  readonly folder: string;
  readonly starter: Starter;
}

async function openStarter(): Promise<Opened> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const starter = stack.use(await Starter.open(folder));
  ok(starter);
  const rest = stack.move();
  return { folder, starter, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

/** What is ordered where a test says nothing else. */
const ORDER: StartOrder = {
  command: "true",
  args: [],
  cwd: "/",
  env: { PATH: "/usr/bin:/bin" },
  stdin: "null",
  stdout: "piped",
  stderr: "null",
};

function shell(script: string, ...args: string[]): Pick<StartOrder, "command" | "args"> {
  return { command: "sh", args: ["-c", script, ...args] };
}

function childOf(started: Started | undefined): Deno.ChildProcess {
  ok(started && "child" in started, JSON.stringify(started));
  return started.child;
}

function failureOf(started: Started | undefined): StartFailure {
  ok(started && "failure" in started);
  return started.failure;
}

/** A descriptor that whatever is started inherits. */
function inheritable(): Disposable {
  const libc = Deno.dlopen("libc.so.6", {
    dup: { parameters: ["i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const descriptor = libc.symbols.dup(0);
  return {
    [Symbol.dispose]: () => {
      libc.symbols.close(descriptor);
      libc.close();
    },
  };
}

/** What a shell says that runs `script` as ordered. */
async function said(starter: Starter, script: string, order: Partial<StartOrder> = {}) {
  const child = childOf(await starter.start({ ...ORDER, ...shell(script), ...order }));
  return new TextDecoder().decode((await child.output()).stdout).trimEnd();
}

function test(name: string, fn: (opened: Opened) => Promise<void>, ignore = false): void {
  Deno.test({
    name,
    ignore: ignore || linux === undefined,
    fn: async () => {
      await using opened = await openStarter();
      await fn(opened);
    },
  });
}

test("start() makes a program the leader of a session, under its own name", async ({ starter }) => {
  const script = 'read -r stat </proc/$$/stat; set -- ${stat#*) }; echo $$ $3 $4; tr "\\0" " " <' +
    "/proc/$$/cmdline";
  const [ids, argv] = (await said(starter, script)).split("\n");
  const [pid, group, session] = ids!.split(" ");
  deepStrictEqual([group, session], [pid, pid]);
  ok(argv?.startsWith("sh -c "), argv);
});

test("start() hands on the environment and the folder, and nothing else", async ({ starter }) => {
  using _inherited = inheritable();
  const order = { env: { ...ORDER.env, WORD: "hello" }, cwd: "/usr", args: [] };
  const script =
    'echo "$WORD $1 $(pwd)"; ls /proc/$$/fd | tr "\\n" " "; echo; env | grep -vc "^PWD=" ';
  const { args } = shell(script, "x", "y z");
  const lines = (await said(starter, script, { ...order, args })).split("\n");
  deepStrictEqual(lines, ["hello y z /usr", "0 1 2 ", "2"]);
});

test("start() looks for commands as PATH says", async ({ starter, folder }) => {
  await Deno.mkdir(`${folder}/a`);
  await Deno.mkdir(`${folder}/b/tool`, { recursive: true });
  await Deno.mkdir(`${folder}/c`);
  await Deno.writeTextFile(`${folder}/a/tool`, "", { mode: 0o644 });
  await Deno.writeTextFile(`${folder}/c/tool`, "#!/bin/sh\necho $0\n", { mode: 0o755 });
  const found = `${folder}/c/tool`;
  const cases: [string, string | undefined, Partial<StartOrder>][] = [
    ["tool", `/no:${folder}/a:${folder}/b:${folder}/c`, {}],
    ["tool", "c", { cwd: folder }],
    ["tool", "a:", { cwd: `${folder}/c` }],
    ["tool", undefined, { path: `${folder}/c` }],
    ["./tool", "/", { cwd: `${folder}/c` }],
    ["c/tool", "/", { cwd: folder }],
    [found, "/", {}],
  ];
  for (const [command, path, order] of cases) {
    const env: Record<string, string> = path === undefined ? {} : { PATH: path };
    const output = await said(starter, "", { command, args: [], env, ...order });
    strictEqual(output.replace("/./", "/"), found);
  }
});

test("an abort of a start kills what the program has started by then", async ({ starter, folder }) => {
  const [script, written] = [`${folder}/script`, `${folder}/written`];
  const lines = ["#!/bin/sh", "sleep 1000 &", `echo >${written}`, "wait"];
  await Deno.writeTextFile(script, lines.join("\n"), { mode: 0o755 });
  // Until it is closed the program cannot begin, and the start waits for it.
  const writer = await Deno.open(script, { write: true });
  const aborting = new AbortController();
  const starting = starter.start({ ...ORDER, command: script }, aborting.signal);
  await delay(50);
  writer.close();
  // Meanwhile the start does not get to see that the program has begun.
  while (!existsSync(written));
  aborting.abort();
  const child = childOf(await starting);
  await using _output = { [Symbol.asyncDispose]: () => child.stdout.cancel() };
  strictEqual((await child.status).signal, "SIGKILL");
  await new ProcessGroup(child.pid).gone(performance.now() + 10_000);
});

test("what outlives a process may be all that is left to wait for", async ({ starter }) => {
  strictEqual(await said(starter, "echo first; { sleep 0.2; echo last; } &"), "first\nlast");
});

test("a script that names no interpreter is the shell's", async ({ starter, folder }) => {
  await Deno.writeTextFile(`${folder}/script`, "echo $0 $1\n", { mode: 0o755 });
  const order = { command: "./script", args: ["one"], cwd: folder };
  strictEqual(await said(starter, "", order), `${folder}/./script one`);
});

test("a script that is open for writing is waited for, up to a second", async ({ starter, folder }) => {
  const [script, held] = [`${folder}/script`, `${folder}/held`];
  for (const each of [script, held]) {
    await Deno.writeTextFile(each, "#!/bin/sh\necho ran\n", { mode: 0o755 });
  }
  using _held = await Deno.open(held, { write: true });
  const writer = await Deno.open(script, { write: true });
  setTimeout(() => writer.close(), 100);
  strictEqual(await said(starter, "", { command: script, args: [] }), "ran");
  const failure = failureOf(await starter.start({ ...ORDER, command: held, args: [] }));
  deepStrictEqual(failure, { step: "command", error: 26, path: held });
});

test("start() resolves to what failed, and nothing has run", async ({ starter, folder }) => {
  await Deno.writeTextFile(`${folder}/data`, "", { mode: 0o644 });
  await Deno.writeTextFile(`${folder}/script`, "#!/no/such/interpreter\n", { mode: 0o755 });
  const [script, data, missing] = [`${folder}/script`, `${folder}/data`, `${folder}/missing`];
  const cases: [Partial<StartOrder>, StartFailure][] = [
    [{ command: "no-such" }, { step: "command", error: 2, path: undefined }],
    [{ command: "" }, { step: "command", error: 2, path: undefined }],
    [{ command: missing }, { step: "command", error: 2, path: undefined }],
    [{ command: script }, { step: "command", error: 2, path: script }],
    [{ command: data }, { step: "command", error: 13, path: data }],
    [{ command: folder }, { step: "command", error: 21, path: folder }],
    [{ cwd: missing }, { step: "cwd", error: 2, path: missing }],
    [{ cwd: data }, { step: "cwd", error: 20, path: data }],
    [{ stdin: { file: missing } }, { step: "stdin", error: 2, path: missing }],
    [{ stdin: { file: folder } }, { step: "stdin", error: 21, path: folder }],
    [{ stdout: { file: missing } }, { step: "stdout", error: 2, path: missing }],
    [{ stderr: { file: folder } }, { step: "stderr", error: 21, path: folder }],
    [{ terminal: data }, { step: "terminal", error: 25, path: data }],
  ];
  for (const [order, failure] of cases) {
    deepStrictEqual(failureOf(await starter.start({ ...ORDER, ...order })), failure);
  }
});

test("start() tells the beginning of a path that no pipe has room for", async ({ starter }) => {
  const cwd = `/${"x".repeat(100_000)}`;
  const { path, ...failure } = failureOf(await starter.start({ ...ORDER, cwd }));
  deepStrictEqual(failure, { step: "cwd", error: 36 });
  ok(cwd.startsWith(path!));
});

test("files stand for streams, and need nobody in between", async ({ starter, folder }) => {
  const [input, output] = [`${folder}/in`, `${folder}/out`];
  await Deno.writeTextFile(input, "content\n");
  await Deno.writeTextFile(output, "first\n");
  const script = "readlink /proc/$$/fd/0; cat; echo problem >&2";
  const files = { stdin: { file: input }, stdout: { file: output }, stderr: { file: output } };
  const child = childOf(await starter.start({ ...ORDER, ...shell(script), ...files }));
  strictEqual((await child.status).success, true);
  strictEqual(await Deno.readTextFile(output), `first\n${input}\ncontent\nproblem\n`);
});

test("a process has the user and the groups that were ordered", async ({ starter }) => {
  const user = { uid: 12345, gid: 23456, groups: [7, 34567] };
  strictEqual(
    await said(starter, "id -u; id -g; id -G", { user }),
    "12345\n23456\n23456 7 34567",
  );
  const none = { uid: 12345, gid: 23456, groups: [] };
  strictEqual(await said(starter, "id -G", { user: none }), "23456");
  const many = { ...none, groups: Array.from({ length: 2000 }, (_, i) => i) };
  const { step, error } = failureOf(await starter.start({ ...ORDER, user: many }));
  deepStrictEqual([step, error], ["groups", 22]);
  // As that user, the folder is entered.
  const hidden = failureOf(await starter.start({ ...ORDER, user: none, cwd: "/root" }));
  deepStrictEqual(hidden, { step: "cwd", error: 13, path: "/root" });
}, root === undefined);

test("a terminal becomes the controlling one, and all streams", async ({ starter, folder }) => {
  using terminal = openTerminal();
  const script = `{ tty; for n in 0 1 2; do readlink /proc/$$/fd/$n; done; } >${folder}/said
    : </dev/tty && echo controlling >>${folder}/said`;
  const order = { ...ORDER, ...shell(script), stdout: "null", terminal: terminal.path } as const;
  await childOf(await starter.start(order)).status;
  const { path } = terminal;
  // The redirection of the script hides the second stream from itself.
  deepStrictEqual((await Deno.readTextFile(`${folder}/said`)).split("\n"), [
    ...[path, path, `${folder}/said`, path, "controlling", ""],
  ]);
});

test("pipes and the terminal become the user's own, and files do not", async (opened) => {
  const { starter, folder } = opened;
  const user = { uid: 12345, gid: 23456, groups: [] };
  strictEqual(await said(starter, "echo here >/dev/stdout", { user }), "here");
  await Deno.chmod(folder, 0o777);
  using terminal = openTerminal();
  const script = `: >"$(tty)" && : >${folder}/opened`;
  const order = {
    ...ORDER,
    ...shell(script),
    user,
    terminal: terminal.path,
    stdout: "null",
  } as const;
  strictEqual((await childOf(await starter.start(order)).status).success, true);
  strictEqual((await Deno.stat(`${folder}/opened`)).uid, user.uid);
  await Deno.writeTextFile(`${folder}/file`, "", { mode: 0o600 });
  const output = { user, stdout: { file: `${folder}/file` } };
  await childOf(await starter.start({ ...ORDER, ...shell("echo text"), ...output })).status;
  strictEqual((await Deno.stat(`${folder}/file`)).uid, 0);
  strictEqual(await Deno.readTextFile(`${folder}/file`), "text\n");
}, root === undefined);

/** Starts a process that waits for a writer of a pipe, before it begins. */
async function startWaiting({ starter, folder }: Opened, signal?: AbortSignal) {
  await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
  const order = { ...ORDER, command: "cat", stdin: { file: `${folder}/pipe` } };
  const marked = { ...order, env: { ...ORDER.env, MARK: folder } };
  const started = starter.start(marked, signal);
  for (;;) {
    const pid = await markedProcess(folder);
    if (pid !== undefined) return { pid, started };
  }
}

async function markedProcess(mark: string): Promise<number | undefined> {
  for await (const { name } of Deno.readDir("/proc")) {
    const read = () => Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    if (/^\d+$/.test(name) && (await read()).includes(`MARK=${mark}\0`)) return Number(name);
  }
}

test("a starter that is stopped has not failed, and goes on later", async (opened) => {
  const { pid, started } = await startWaiting(opened);
  Deno.kill(pid, "SIGSTOP");
  strictEqual(await Promise.race([started, looked()]), "looked");
  Deno.kill(pid, "SIGCONT");
  await Deno.writeTextFile(`${opened.folder}/pipe`, "hello");
  const { stdout } = await childOf(await started).output();
  strictEqual(new TextDecoder().decode(stdout), "hello");
});

/** Resolves after any look that there may be at once. */
async function looked(): Promise<"looked"> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
  return "looked";
}

test("an abort kills a starter that waits", async (opened) => {
  const controller = new AbortController();
  const { started } = await startWaiting(opened, controller.signal);
  controller.abort();
  const { signal } = await childOf(await started).output();
  strictEqual(signal, "SIGKILL");
});

/** Rounds of starts in which a leak shows. */
const ROUNDS = 20;

/** Writes how many descriptors its process has open before starts, good and bad, and after them. */
const COUNT = `
  import { Starter } from ${JSON.stringify(import.meta.resolve("./starter.ts"))};
  const [folder, order] = [Deno.args[0], JSON.parse(Deno.args[1])];
  await using starter = await Starter.open(folder);
  const count = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const start = async (command) => {
    const started = await starter.start({ ...order, command });
    if (started && "child" in started) await started.child.output();
  };
  await Promise.all(["true", "no-such"].map(start));
  const before = count();
  for (let i = 0; i < ${ROUNDS}; i++) await Promise.all(["true", "no-such", "true"].map(start));
  console.log(JSON.stringify([before, count()]));`;

test("starts, good and bad, leave no descriptor open", async ({ folder }) => {
  const place = `${folder}/place`;
  await Deno.mkdir(place);
  const counts = await runInOwnProcess(COUNT, [place, JSON.stringify(ORDER)]);
  const [before, after] = JSON.parse(counts) as [number, number];
  // The runtime may have some of its own open for a moment; a leak has one for each round.
  ok(after < before + ROUNDS / 2, `${before} descriptors became ${after}`);
});

test("what another thread starts meanwhile holds nothing up", async ({ starter, folder }) => {
  // Each of these would inherit whatever can be inherited while it begins.
  const code = `self.onmessage = async () => {
    const { promise, resolve } = Promise.withResolvers();
    const children = [];
    for (let i = 0; i < 200; i++) {
      children.push(new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn());
      if (i % 10 === 0) await new Promise((go) => setTimeout(go));
    }
    postMessage("spawned");
    self.onmessage = async () => {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map((child) => child.status));
      postMessage("ended");
    };
  };`;
  await Deno.writeTextFile(`${folder}/worker.js`, code);
  const worker = new Worker(`file://${folder}/worker.js`, { type: "module" });
  const said = () => new Promise((resolve) => worker.onmessage = resolve);
  let spawning = true;
  const spawned = said().then(() => spawning = false);
  worker.postMessage("go");
  while (spawning) await childOf(await starter.start(ORDER)).output();
  await spawned;
  const ended = said();
  worker.postMessage("end");
  await ended;
  worker.terminate();
});
