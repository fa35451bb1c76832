import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL as toFileUrl } from "node:url";
import { startEnrolled, startInFleet } from "../testing/connected_agent.ts";
import { openRogueNode } from "../testing/rogue_node.ts";
import { TcpProxy } from "../testing/tcp_proxy.ts";
import { Fleet } from "./fleet.ts";
import type { ClockReading, HeartbeatCommand, HeartbeatReport } from "./heartbeat_messages.ts";
import { Heartbeats } from "./heartbeats.ts";

const OPTIONS = { interval: 50, timeout: 60_000 };

/** Milliseconds in which something is renewed, on a machine that has much else to do. */
const PATIENCE = 20_000;

Deno.test("heartbeats keep agents that are paused, and while the runner's thread stands", async () => {
  const { promise: warm, resolve } = Promise.withResolvers<void>();
  const heartbeat = { interval: 100, timeout: 60_000 };
  await using fleet = Fleet.create({ heartbeat, onClock: () => resolve() });
  await using _ = await startInFleet(fleet);
  // The thread that sends heartbeats is there once the first one was answered.
  await warm;
  const args = ["--lease", "6", "--start-timeout", "60"];
  await using kept = await startInFleet(fleet, { name: "kept", args });
  await using paused = await startInFleet(fleet, { name: "paused", args });
  paused.agent.kill("SIGSTOP");
  pauseThread(6_500);
  paused.agent.kill("SIGCONT");
  for (const { connection, agent } of [kept, paused]) {
    const { processes } = connection.host;
    // An agent that judged on what it finds now would have ended before this has.
    const child = await processes.start({ command: "sleep", args: ["0.5"] });
    assert.ok((await child.status).success, agent.log);
    assert.equal(agent.log, "");
  }
  await kept.connection[Symbol.asyncDispose]();
  assert.equal((await kept.agent.status).code, 3, "heartbeats came after the connection's end");
});

/** Nothing of this thread runs meanwhile, as when a debugger holds it. */
function pauseThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

Deno.test("Heartbeats goes on over another connection when one has stalled", async () => {
  await using enrolled = await startEnrolled();
  await using proxy = await TcpProxy.open(enrolled.agent.address);
  const clocks = clockReadings();
  using heartbeats = new Heartbeats(enrolled.runner, { ...OPTIONS, onClock: clocks.take });
  using _ = heartbeats.keep("node", { ...enrolled.known, port: proxy.port });
  await clocks.next();
  proxy.stall();
  using _again = heartbeats.keep("again", { ...enrolled.known, port: proxy.port });
  await clocks.next();
  // The second node has one connection, the first one a second.
  while (proxy.connections < 3) await tick();
});

Deno.test("Heartbeats keeps other leases whatever a node answers", async () => {
  const answers = ["", "no JSON", "null", "[1]", '{"time":"now"}', '{"time":1e999}', "\u0000"];
  let met = 0;
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  await using rogue = await openRogueNode((socket) => {
    socket.on("message", () => socket.send(answers[met++ % answers.length]!));
    if (met > answers.length) resolve();
  });
  await using enrolled = await startEnrolled();
  const clocks = clockReadings();
  using heartbeats = new Heartbeats(enrolled.runner, { ...OPTIONS, onClock: clocks.take });
  using _ = heartbeats.keep("rogue", rogue.known);
  await heard;
  using _good = heartbeats.keep("good", enrolled.known);
  assert.equal((await clocks.next()).node, "good");
});

Deno.test("the thread of heartbeats goes on after what nobody caught, and reports it", async () => {
  await using enrolled = await startEnrolled();
  const url = new URL("./heartbeat_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  using _ = { [Symbol.dispose]: () => worker.terminate() };
  const tell = (command: HeartbeatCommand) => worker.postMessage(command);
  const { certificate, privateKey } = enrolled.runner;
  const reports: HeartbeatReport[] = [];
  const clock = new Promise<void>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<HeartbeatReport>) => {
      reports.push(data);
      if (data.type === "clock") resolve();
    };
  });
  tell({ type: "add", id: 0, node: "early", agent: enrolled.known });
  tell({ type: "begin", options: OPTIONS, runner: { certificate, privateKey } });
  tell({ type: "add", id: 1, node: "node", agent: enrolled.known });
  await clock;
  const [failure, added, reading] = reports;
  assert.deepEqual(added, { type: "added", id: 1 });
  assert.ok(
    failure?.type === "failure" && failure.message.includes("who sends them"),
    failure?.type,
  );
  assert.ok(reading?.type === "clock" && reading.node === "node");
});

Deno.test("another thread of heartbeats keeps all leases when one has ended", async () => {
  await using enrolled = await startEnrolled();
  const dir = await Deno.makeTempDir();
  await using _dir = { [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
  const clocks = clockReadings();
  const { promise: failed, resolve: onFailure } = Promise.withResolvers<string>();
  const thread = await mortalThread(dir);
  using heartbeats = new Heartbeats(enrolled.runner, {
    ...OPTIONS,
    onClock: clocks.take,
    onFailure,
    thread,
  });
  using _ = heartbeats.keep("node", enrolled.known);
  await clocks.next();
  const path = join(dir, "lease");
  using called = heartbeats.keep("called", { path, token: "0".repeat(64) });
  using removed = heartbeats.keep("removed", { path: join(dir, "removed"), token: "0".repeat(64) });
  await Promise.all([called.ready, removed.ready]);
  removed[Symbol.dispose]();

  await Deno.writeTextFile(join(dir, "die"), "");
  assert.match(
    await failed,
    /thread of heartbeats has ended, another one begins: .*a fault of the runtime/,
  );
  assert.equal((await clocks.next()).node, "node");
  using late = heartbeats.keep("late", { path: join(dir, "late"), token: "0".repeat(64) });
  await late.ready;
  using agent = await Deno.connect({ transport: "unix", path });
  assert.notEqual(await agent.read(new Uint8Array(100)), null, "nobody challenges who calls");
  await assert.rejects(Deno.connect({ transport: "unix", path: join(dir, "removed") }));
});

Deno.test("the thread of heartbeats renews by a module, also while the runner's thread stands", async () => {
  await using dir = await RenewalFolder.make();
  await using fleet = Fleet.create({ heartbeat: OPTIONS });
  const renewal = fleet.branch().renew({
    what: "a file",
    module: dir.module,
    target: dir.path,
    interval: 20,
  });
  await dir.renewed(1);
  const before = dir.countNow();
  // Nothing of this thread runs until it was renewed again, or for long.
  for (let waited = 0; dir.countNow() === before && waited < PATIENCE; waited++) pauseThread(1);
  assert.ok(dir.countNow() > before, "nothing was renewed meanwhile");
  renewal[Symbol.dispose]();
});

Deno.test("Heartbeats renews until that is disposed, whatever fails or ends", async () => {
  await using enrolled = await startEnrolled();
  await using dir = await RenewalFolder.make();
  const failures: string[] = [];
  const notRenewed = new Set<string | undefined>();
  using heartbeats = new Heartbeats(enrolled.runner, {
    ...OPTIONS,
    onClock: () => {},
    onFailure: (message, renewed) => {
      failures.push(message);
      notRenewed.add(renewed);
    },
    thread: await mortalThread(dir.path),
  });
  const renewal = heartbeats.renew({
    what: "a file",
    module: dir.module,
    target: dir.path,
    interval: 20,
  });
  using _missing = heartbeats.renew({
    ...{ what: "nothing", module: `${dir.module}.no`, target: null, interval: 20 },
  });
  // The first one fails.
  await dir.renewed(3);
  assert.match(failures.join("\n"), /^the first one fails$/m);
  assert.match(failures.join("\n"), /renewal\.js\.no/);
  assert.deepEqual([...notRenewed].sort(), ["a file", "nothing"]);

  await Deno.writeTextFile(join(dir.path, "die"), "");
  while (!failures.some((each) => each.includes("another one begins"))) await tick();
  await dir.renewed(await dir.count() + 2);
  renewal[Symbol.dispose]();
  // That one goes on, and commands are followed in their order.
  const count = failures.length;
  while (failures.length < count + 3) await tick();
  const ended = await dir.count();
  while (failures.length < count + 6) await tick();
  assert.equal(await dir.count(), ended);
});

Deno.test("leases that no thread can keep are refused", async () => {
  await using enrolled = await startEnrolled();
  const thread = new URL("data:application/javascript,throw new Error('never')");
  const failures: string[] = [];
  using heartbeats = new Heartbeats(enrolled.runner, {
    ...OPTIONS,
    onClock: () => {},
    onFailure: (message) => failures.push(message),
    thread,
  });
  using lease = heartbeats.keep("node", enrolled.known);
  await assert.rejects(lease.ready, /Cannot keep a lease: the thread that sends heartbeats ends/);
  assert.match(failures.at(-1)!, /none takes its place: all nodes will be lost: .*never/);
});

/** A folder with a module that renews by a longer file, of which each byte is one renewal. */
class RenewalFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<RenewalFolder> {
    const folder = new RenewalFolder(await Deno.makeTempDir());
    await Deno.writeTextFile(
      join(folder.path, "renewal.js"),
      `let isFirst = true;
      export const openRenewal = async (path) => ({
        async renew() {
          if (!isFirst) return await Deno.writeTextFile(path + "/renewed", ".", { append: true });
          isFirst = false;
          throw new Error("the first one fails");
        },
        [Symbol.dispose]() {},
      });`,
    );
    return folder;
  }

  get module(): string {
    return toFileUrl(join(this.path, "renewal.js")).href;
  }

  countNow(): number {
    return Deno.readTextFileSync(join(this.path, "renewed")).length;
  }

  async count(): Promise<number> {
    return (await Deno.readTextFile(join(this.path, "renewed")).catch(() => "")).length;
  }

  async renewed(count: number): Promise<void> {
    while (await this.count() < count) await tick();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** The thread, which ends by what it does not catch as soon as there is the file "die", once. */
async function mortalThread(dir: string): Promise<URL> {
  const die = JSON.stringify(join(dir, "die"));
  const fault = toFileUrl(join(dir, "fault.js"));
  await Deno.writeTextFile(
    fault,
    `self.addEventListener("error", (event) => event.stopImmediatePropagation());
    setInterval(() => {
      try { Deno.removeSync(${die}); } catch { return; }
      throw new Error("a fault of the runtime");
    }, 10);`,
  );
  const thread = toFileUrl(join(dir, "thread.js"));
  const usual = new URL("./heartbeat_worker.ts", import.meta.url);
  await Deno.writeTextFile(thread, `import "${fault}";\nimport "${usual}";\n`);
  return thread;
}

/** The clocks that were read, one after the other. */
function clockReadings(): {
  readonly take: (reading: ClockReading) => void;
  readonly next: () => Promise<ClockReading>;
} {
  const { readable, writable } = new TransformStream<ClockReading, ClockReading>();
  const reader = readable.getReader();
  const writer = writable.getWriter();
  return {
    take: (reading) => void writer.write(reading),
    next: async () => (await reader.read()).value!,
  };
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
