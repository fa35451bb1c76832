import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { randomFrom, testSeed } from "../testing/seed.ts";
import { type Fault, TcpProxy } from "../testing/tcp_proxy.ts";
import type { AgentHost } from "./agent_host.ts";

const MEGABYTE = 1024 * 1024;

/** Bytes of each stream. */
const SIZE = 8 * MEGABYTE;

/** Bytes that pass first: a handshake that stalls is given up after ten seconds only. */
const HANDSHAKE = 5_000;

/** Notices a stalled connection soon. */
const KEEP_ALIVE = { interval: 200, misses: 3 };

const KINDS = ["cut", "cut", "cut", "pause", "pause", "stall"] as const;

Deno.test("streams lose and double no byte when the connection is cut and stalls", async () => {
  await using tested = await connectThrough("streams", { within: 6 * MEGABYTE });
  const { host, proxy } = tested;
  await Promise.all([
    outputArrives(host),
    inputArrives(host),
    fileArrives(host),
    tunnelArrives(host),
  ]);
  assert.ok(proxy.faults > 4, `only ${proxy.faults} faults`);
});

Deno.test("no process is started twice when the connection is cut and stalls", async () => {
  await using tested = await connectThrough("starts", { within: 3_000 });
  const { host, proxy } = tested;
  const names: string[] = [];
  // Until there were some faults, too, however late they come.
  while (names.length < 60 || proxy.faults < 5) {
    const name = `run ${names.length}`;
    names.push(name);
    await using child = await host.processes.start({
      command: "sh",
      args: ["-c", 'echo "$0" >> runs', name],
    });
    assert.ok((await child.status).success);
  }
  const runs = await new Response(await host.files.read("runs")).text();
  assert.deepEqual(runs.trimEnd().split("\n"), names);
});

/** A host behind connections that break at random, each after at most `within` bytes. */
async function connectThrough(
  name: string,
  { within }: { within: number },
): Promise<{ host: AgentHost; proxy: TcpProxy } & AsyncDisposable> {
  const random = randomFrom(testSeed(name));
  const plan = (): Fault => ({
    after: HANDSHAKE + Math.floor(random() * within),
    kind: KINDS[Math.floor(random() * KINDS.length)]!,
  });
  await using stack = new AsyncDisposableStack();
  const enrolled = stack.use(await startEnrolled());
  const proxy = stack.use(await TcpProxy.open(enrolled.agent.address, { plan }));
  const host = stack.use(await openHost(enrolled, { port: proxy.port, keepAlive: KEEP_ALIVE }));
  const owned = stack.move();
  return { host, proxy, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function outputArrives(host: AgentHost): Promise<void> {
  // Numbered lines: what is lost, doubled or out of order changes the digest.
  const script = `seq 1 100000000 | head -c ${SIZE} | tee output`;
  await using child = await host.processes.start({
    command: "sh",
    args: ["-c", script],
    stdout: "piped",
  });
  const digest = await digestOf(child.stdout);
  assert.ok((await child.status).success);
  assert.equal(digest, await digestOnNode(host, "output"), "process output");
}

async function inputArrives(host: AgentHost): Promise<void> {
  await using child = await host.processes.start({
    command: "sh",
    args: ["-c", "cat > input"],
    stdin: "piped",
  });
  const digest = await send(child.stdin);
  assert.ok((await child.status).success);
  assert.equal(await digestOnNode(host, "input"), digest, "process input");
}

async function fileArrives(host: AgentHost): Promise<void> {
  const digest = await send(await host.files.write("file"));
  assert.equal(await digestOnNode(host, "file"), digest, "file up");
  assert.equal(await digestOf(await host.files.read("file")), digest, "file down");
}

async function tunnelArrives(host: AgentHost): Promise<void> {
  await using listener = await host.network.listen({
    transport: "tcp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { port } = listener.addr as Deno.NetAddr;
  await using near = await host.network.dial({ transport: "tcp", hostname: "127.0.0.1", port });
  const { value: far } = await listener[Symbol.asyncIterator]().next();
  await using _ = far!;
  const [there, arrived, back, returned] = await Promise.all([
    send(near.writable),
    digestOf(far!.readable),
    send(far!.writable),
    digestOf(near.readable),
  ]);
  assert.equal(arrived, there, "tunnel there");
  assert.equal(returned, back, "tunnel back");
}

/** Sends bytes that are never the same twice. Resolves to their digest. */
async function send(target: WritableStream<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  const writer = target.getWriter();
  for (let sent = 0; sent < SIZE;) {
    const chunk = crypto.getRandomValues(new Uint8Array(Math.min(65_536, SIZE - sent)));
    hash.update(chunk);
    await writer.write(chunk);
    sent += chunk.length;
  }
  await writer.close();
  return hash.digest("hex");
}

async function digestOf(source: ReadableStream<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    size += chunk.length;
  }
  assert.equal(size, SIZE);
  return hash.digest("hex");
}

async function digestOnNode(host: AgentHost, path: string): Promise<string> {
  // Its node is this host: nothing has to come over the connection that breaks.
  const bytes = await Deno.readFile(join(host.info.rootDir, path));
  return createHash("sha256").update(bytes).digest("hex");
}
