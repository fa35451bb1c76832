import assert from "node:assert/strict";
import { join } from "node:path";
import { startCalling } from "../testing/calling_agent.ts";
import { TestAgent } from "../testing/test_agent.ts";
import { Fleet } from "./fleet.ts";

const HEARTBEAT = { interval: 100, timeout: 60_000 };

/** How often an agent has called at its sockets when connections were cut often enough. */
const CALLS = 8;

Deno.test("an agent that calls serves a session, and is sent heartbeats", async () => {
  const { promise: clock, resolve } = Promise.withResolvers<string>();
  await using fleet = Fleet.create({ heartbeat: HEARTBEAT, onClock: resolve });
  await using calling = await startCalling(fleet, { name: "caller" });
  const { host } = calling.connection;
  await using child = await host.processes.start({
    command: "echo",
    args: ["hi"],
    stdout: "piped",
  });
  assert.equal(await new Response(child.stdout).text(), "hi\n");
  assert.equal(await clock, "caller");
  assert.deepEqual(await listeningPorts(calling.agent.pid), []);
});

Deno.test("an agent that calls goes on while the runner's thread stands, and after a pause of its own", async () => {
  await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
  await using calling = await startCalling(fleet, {
    args: ["--lease", "6", "--start-timeout", "60"],
    isDirect: true,
  });
  const { agent, connection } = calling;
  agent.kill("SIGSTOP");
  pauseThread(6_500);
  agent.kill("SIGCONT");
  pauseThread(6_500);
  await using child = await connection.host.processes.start({ command: "sleep", args: ["0.2"] });
  assert.ok((await child.status).success, agent.log);
  await connection[Symbol.asyncDispose]();
  assert.equal((await agent.status).code, 3, "heartbeats came after the connection's end");
});

Deno.test("a session goes on over another connection when one was cut, and loses nothing", async () => {
  await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
  await using calling = await startCalling(fleet);
  const { agent, connection: { host }, relay } = calling;
  const script = "i=0; until [ -e end ]; do i=$((i + 1)); echo $i; sleep 0.01; done";
  await using child = await host.processes.start({
    command: "sh",
    args: ["-c", script],
    stdout: "piped",
  });
  let output = "";
  let cuts = 0;
  // It goes on until there were enough calls, however much of it comes at once.
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (relay.calls.length > CALLS) await Deno.writeTextFile(join(agent.rootDir, "end"), "");
    else relay.cut(cuts++ % 2 ? "lease" : "session");
  }
  const numbers = output.trimEnd().split("\n");
  assert.deepEqual(numbers, numbers.map((_, i) => `${i + 1}`));
});

Deno.test("an agent that calls opens a new session when it is asked to", async () => {
  await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
  await using calling = await startCalling(fleet);
  const { connection } = calling;
  const { host } = connection;
  await using _child = await host.processes.start({ command: "sleep", args: ["1000"] });
  await connection.renew({ signal: AbortSignal.timeout(30_000) });
  assert.notEqual(connection.host, host);
  assert.ok((await connection.host.network.hostname()).length > 0);
});

Deno.test("an agent exits with 5 and one line when it cannot reach the sockets", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
    using launch = fleet.launch();
    for (const sockets of [join(dir, "nowhere"), dir]) {
      await using agent = await TestAgent.start({ launch: launch.document, sockets });
      assert.equal((await agent.status).code, 5);
      assert.match(
        agent.log,
        /^\S+Z Cannot reach the runner's sockets in "[^"]+": No such file .+\n$/,
      );
    }
    // Something listens that never says a word.
    using _ = Deno.listen({ transport: "unix", path: join(dir, "lease") });
    await using agent = await TestAgent.start({ launch: launch.document, sockets: dir });
    assert.equal((await agent.status).code, 5);
    assert.match(agent.log, /: nobody answers there\n$/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("sockets are removed with their agent, and when nobody ever calls", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
    using launch = fleet.launch();
    const sockets = await launch.openSockets(join(dir, "s"), { name: "node" });
    const reason = new Error("nobody comes");
    await assert.rejects(sockets.connect({ signal: AbortSignal.abort(reason) }), reason);
    await sockets[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
    assert.deepEqual([...Deno.readDirSync(dir)], []);
    {
      await using calling = await startCalling(fleet);
      await calling.connection[Symbol.asyncDispose]();
      await assert.rejects(Deno.stat(calling.dir), Deno.errors.NotFound);
    }
    const signal = AbortSignal.abort(reason);
    await assert.rejects(launch.openSockets(join(dir, "s"), { name: "node", signal }), reason);
    launch[Symbol.dispose]();
    await assert.rejects(
      launch.openSockets(join(dir, "s"), { name: "node" }),
      /its launch is over/,
    );
    assert.deepEqual([...Deno.readDirSync(dir)], []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("sockets are refused, and nothing is left, where there can be none", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
    using launch = fleet.launch();
    const open = (dir: string) => launch.openSockets(dir, { name: "node" });
    const long = join(dir, "x".repeat(90));
    await assert.rejects(
      open(long),
      /Cannot open the socket ".*x\/session": its path has 100 bytes or more/,
    );
    await assert.rejects(open(join(dir, "nowhere", "s")), Deno.errors.NotFound);
    await assert.rejects(open(dir), Deno.errors.AlreadyExists);
    assert.deepEqual([...Deno.readDirSync(dir)], []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** Nothing of this thread runs meanwhile, as when a debugger holds it. */
function pauseThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** TCP ports at which a process listens; none where the system does not tell. */
async function listeningPorts(pid: number): Promise<string[]> {
  if (Deno.build.os !== "linux") return [];
  const links = await Array.fromAsync(
    Deno.readDir(`/proc/${pid}/fd`),
    ({ name }) => Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => ""),
  );
  const lines = (await Deno.readTextFile(`/proc/${pid}/net/tcp`)).trim().split("\n").slice(1);
  const listening = lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) =>
    state === "0A"
  );
  return listening.filter((fields) => links.includes(`socket:[${fields[9]}]`)).map(([, at]) => at!);
}
