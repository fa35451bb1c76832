import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { requirement } from "../../../clusters/requirement.ts";
import { starterBytes } from "./starter_bytes.ts";

const linux = await requirement("Linux", async () => {
  if (Deno.build.os !== "linux") throw new Error(`this is ${Deno.build.os}`);
  return await Deno.realPath("/proc/self");
});
const namespaces = await requirement("namespaces", async () => {
  const args = ["--map-root-user", "--pid", "--fork", "--mount-proc", "true"];
  const { success, stderr } = await new Deno.Command("unshare", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return "unshare";
});

/** Bits of what a watch is told. */
const KILL_AT_END = 2 ** 31;
const MACHINE_STAYS = 2 ** 30;

/** More steps than a test takes. */
const LONG = 100_000;

/** What a test uses, all of which ends with it. */
class Bench implements AsyncDisposable {
  readonly folder: string;
  readonly starter: string;
  readonly marker = { MARK: crypto.randomUUID() };
  readonly #stack = new AsyncDisposableStack();

  private constructor(folder: string) {
    this.folder = folder;
    this.starter = `${folder}/starter`;
    this.#stack.defer(() => Deno.remove(folder, { recursive: true }));
  }

  static async open(): Promise<Bench> {
    const bench = new Bench(await Deno.makeTempDir());
    const bytes = Uint8Array.fromBase64(starterBytes[Deno.build.arch]);
    await Deno.writeFile(bench.starter, bytes, { mode: 0o755 });
    return bench;
  }

  /** Starts something that goes on until it is killed. */
  sleep(env: Record<string, string> = {}, command = ["sleep", "1000"]): Deno.ChildProcess {
    const [program, ...args] = command;
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = new Deno.Command(program!, { args, env, ...streams }).spawn();
    this.#stack.defer(async () => void await killed(child));
    return child;
  }

  /** Starts a watch over a process. */
  async watch(
    { pid }: { pid: number },
    { steps = 10, more = [] as string[] } = {},
  ): Promise<Watch> {
    const marker = Object.entries(this.marker).map((each) => each.join("="));
    const order = ["watch", `agent=${pid}`, "step=20", `steps=${steps}`];
    const [first = "--", ...rest] = more;
    const args = [...order, ...first === "--" ? [] : [first], "--", ...marker];
    const child = new Deno.Command(this.starter, {
      args: [...args, ...first === "--" ? more : rest],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    const number = Number(await new Response(child.stdout).text());
    strictEqual((await child.status).code, 0);
    const writer = child.stdin.getWriter();
    // One that has killed its agent ends a moment later.
    this.#stack.defer(async () => void await said);
    this.#stack.defer(() => writer.close().catch(() => {}));
    const tell = (word: number) => writer.write(new Uint8Array(new Uint32Array([word]).buffer));
    return { pid: number, said, tell, close: () => writer.close() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

interface Watch {
  readonly pid: number;
  /** What it has said, once it has ended. */
  readonly said: Promise<string>;
  tell(word: number): Promise<void>;
  close(): Promise<void>;
}

function test(name: string, fn: (bench: Bench) => Promise<void>, ignore = false): void {
  Deno.test({
    name,
    ignore: ignore || linux === undefined,
    fn: async () => {
      await using bench = await Bench.open();
      await fn(bench);
    },
  });
}

async function killed(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
  return await child.status;
}

async function isAlive({ pid }: { pid: number }): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") Z");
  return !/\) [ZX]/.test(stat);
}

/** Resolves when a process is gone, which closes its files before. */
async function ended(process: { pid: number }): Promise<void> {
  while (await isAlive(process)) await new Promise((go) => setTimeout(go));
}

test("a watch kills the agent and what it has started, wherever that went", async (bench) => {
  const agent = bench.sleep();
  const pids = `${bench.folder}/pids`;
  const script =
    `setsid sleep 1000 & echo $! >${pids}; env -i sleep 1000 & echo $! >>${pids}; wait`;
  const group = bench.sleep(bench.marker, ["sh", "-c", script]);
  const marked = bench.sleep({ ...bench.marker, OTHER: "x" });
  const others = [
    bench.sleep(),
    bench.sleep({ MARK: `${bench.marker.MARK}0` }),
    bench.sleep({ MARK: bench.marker.MARK.slice(1) }),
    bench.sleep({ XMARK: bench.marker.MARK }),
  ];
  while ((await Deno.readTextFile(pids).catch(() => "")).split("\n").length < 3) { /* again */ }
  const watch = await bench.watch(agent);
  const ends = await Promise.all([agent, group, marked].map(({ status }) => status));
  deepStrictEqual(ends.map(({ signal }) => signal), ["SIGKILL", "SIGKILL", "SIGKILL"]);
  strictEqual(await watch.said, "the agent hangs: its watch ends it, and what it has started\n");
  for (const other of others) ok(await isAlive(other));
  const started = (await Deno.readTextFile(pids)).trim().split("\n").map(Number);
  strictEqual(started.length, 2);
  for (const pid of started) ok(!await isAlive({ pid }));
});

test("a watch waits as long as it was told last", async (bench) => {
  const [renewed, agent] = [bench.sleep(), bench.sleep()];
  const steps = 100;
  // No time is counted while it is stopped: it is told in time, however much else the machine has to do.
  renewed.kill("SIGSTOP");
  const watch = await bench.watch(renewed, { steps });
  await watch.tell(LONG);
  renewed.kill("SIGCONT");
  // The same time passes for another.
  await bench.watch(agent, { steps });
  strictEqual((await agent.status).signal, "SIGKILL");
  ok(await isAlive(renewed));
  await watch.tell(1);
  strictEqual((await renewed.status).signal, "SIGKILL");
  await watch.said;
});

test("a watch counts no time in which the agent is stopped", async (bench) => {
  const [stopped, agent] = [bench.sleep(), bench.sleep()];
  stopped.kill("SIGSTOP");
  const watch = await bench.watch(stopped);
  await bench.watch(agent, { steps: 20 });
  strictEqual((await agent.status).signal, "SIGKILL");
  ok(await isAlive(stopped));
  stopped.kill("SIGCONT");
  strictEqual((await stopped.status).signal, "SIGKILL");
  await watch.said;
});

test("a watch ends when its pipe does, and kills only what it was told to", async (bench) => {
  const [agent, marked] = [bench.sleep(), bench.sleep(bench.marker)];
  const first = await bench.watch(agent, { steps: LONG });
  await first.close();
  strictEqual(await first.said, "");
  const second = await bench.watch(agent, { steps: LONG });
  await second.tell(LONG + KILL_AT_END);
  await second.tell(LONG);
  await second.close();
  strictEqual(await second.said, "");
  await ended(second);
  ok(await isAlive(marked));
  const third = await bench.watch(agent, { steps: LONG });
  await third.tell(LONG + KILL_AT_END);
  await third.close();
  strictEqual((await marked.status).signal, "SIGKILL");
  strictEqual(await third.said, "");
  ok(await isAlive(agent));
});

test("a watch switches the machine off by what works first", async (bench) => {
  const script = (text: string) => ["--", "/bin/sh", "-c", text];
  const say = (text: string) => script(`echo ${text} >>${bench.folder}/said`);
  const no = ["--", `${bench.folder}/missing`, ...script("exit 3"), ...script("kill $$")];
  const agent = bench.sleep();
  const watch = await bench.watch(agent, { more: [...no, ...say("one"), ...say("two")] });
  await watch.said;
  strictEqual(await Deno.readTextFile(`${bench.folder}/said`), "one\n");
  const next = bench.sleep();
  await Deno.writeTextFile(`${bench.folder}/trigger`, "");
  const trigger = `trigger=${bench.folder}/trigger`;
  await (await bench.watch(next, { more: [trigger, ...no] })).said;
  strictEqual(await Deno.readTextFile(`${bench.folder}/trigger`), "o");
});

test("a watch leaves the machine on when it was told to", async (bench) => {
  const agent = bench.sleep();
  const more = ["--", "/bin/sh", "-c", `echo >${bench.folder}/said`];
  const watch = await bench.watch(agent, { steps: LONG, more });
  await watch.tell(1 + MACHINE_STAYS);
  strictEqual((await agent.status).signal, "SIGKILL");
  await watch.said;
  strictEqual(await Deno.stat(`${bench.folder}/said`).catch(() => "none"), "none");
});

test("a watch holds nothing open, and no folder in use", async (bench) => {
  const script = `exec 5<>${bench.folder}/held; cd ${bench.folder}
    exec ./starter watch agent=$$ step=1000 steps=1000 -- MARK=${bench.marker.MARK}`;
  const child = new Deno.Command("sh", {
    args: ["-c", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const pid = Number(await new Response(child.stdout).text());
  strictEqual((await child.status).code, 0);
  // The number of the watch is there before it has closed anything; its name comes last.
  while ((await Deno.readTextFile(`/proc/${pid}/comm`)).trim() !== "agent-watch") { /* again */ }
  const open = (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).map(({ name }) => name);
  deepStrictEqual(open.sort(), ["0", "2"]);
  strictEqual(await Deno.readLink(`/proc/${pid}/cwd`), "/");
  strictEqual((await Deno.readTextFile(`/proc/${pid}/environ`)).includes("MARK"), false);
  await child.stdin.close();
  await ended({ pid });
});

test("a watch ends process 1 of a namespace, and so all of it", async (bench) => {
  const mark = `MARK=${bench.marker.MARK}`;
  const script = `mkfifo ${bench.folder}/pipe; exec 5<>${bench.folder}/pipe
    ${bench.starter} watch agent=1 step=20 steps=10 -- ${mark} <&5 >/dev/null
    exec sleep 1000`;
  const args = ["--map-root-user", "--pid", "--fork", "--mount-proc", "sh", "-c", script];
  // It ends when process 1 has.
  const { stderr } = await new Deno.Command("unshare", { args }).output();
  const said = new TextDecoder().decode(stderr);
  ok(said.startsWith("the agent hangs: its watch ends it, and what it has started\n"), said);
}, namespaces === undefined);

test("a watch refuses orders without what it needs", async ({ starter }) => {
  const orders = [
    [],
    ["step=1", "steps=1", "--", "A=1"],
    ["agent=0", "step=1", "steps=1", "--", "A=1"],
    ["agent=1", "steps=1", "--", "A=1"],
    ["agent=1", "step=1", "steps=1", "--"],
    ["agent=1", "step=1", "steps=1"],
  ];
  for (const order of orders) {
    const { code } = await new Deno.Command(starter, { args: ["watch", ...order] }).output();
    strictEqual(code, 125, `${order}`);
  }
});
