/**
 * Agents that are reached through another one.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { openWarmFleet, startInFleet } from "../testing/connected_agent.ts";
import { TestAgent } from "../testing/test_agent.ts";
import { LocalHost } from "../host/local_host.ts";
import { AgentTunnel, loopbackOf } from "./agent_tunnel.ts";
import type { Fleet, FleetAgent } from "./fleet.ts";

/** Seconds that the agents live without a heartbeat. */
const LEASE = ["--lease", "6"];

const never = (): AbortSignal => new AbortController().signal;

/** A node's agent, and another one that it leads to. */
async function startBoth(fleet: Fleet, stack: AsyncDisposableStack) {
  const node = stack.use(await startInFleet(fleet, { name: "node", args: LEASE }));
  using launch = fleet.launch();
  const launched = { launch: launch.document, args: ["--listen", "127.0.0.1:0", ...LEASE] };
  const agent = stack.use(await TestAgent.start(launched));
  const through = { name: "node", agent: node.connection };
  const sidecar = stack.use(await launch.connect(agent.address, { through, signal: never() }));
  return { node, agent, sidecar };
}

async function echo(agent: FleetAgent, word: string): Promise<string> {
  const args = ["-c", `sleep 0.3; echo ${word}`];
  const child = await agent.host.processes.start({ command: "sh", args, stdout: "piped" });
  const text = await new Response(child.stdout).text();
  await child.status;
  return text.trim();
}

Deno.test("an agent is reached through another, also while the runner's thread stands", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await openWarmFleet(stack);
  const { node, agent, sidecar } = await startBoth(fleet, stack);
  strictEqual(await echo(sidecar, "there"), "there");
  // For longer than the leases.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6_500);
  strictEqual(await echo(sidecar, "still"), "still");
  strictEqual(await echo(node.connection, "still"), "still");
  strictEqual(agent.log, "");
});

Deno.test("what goes on at an agent survives the end of the session that leads to it", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await openWarmFleet(stack);
  const { node, sidecar } = await startBoth(fleet, stack);
  const working = [1, 2, 3].map((each) => echo(sidecar, `word${each}`));
  await node.connection.renew({ signal: never() });
  deepStrictEqual(await Promise.all(working), ["word1", "word2", "word3"]);
  strictEqual(await echo(sidecar, "later"), "later");
});

Deno.test("an agent is lost with the one that leads to it, and ends by itself then", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await openWarmFleet(stack);
  const { node, agent, sidecar } = await startBoth(fleet, stack);
  node.agent.kill("SIGKILL");
  strictEqual((await agent.status).code, 3, "its lease did not end");
  sidecar.abandon("the node is gone");
  node.connection.abandon("it was killed");
  await sidecar.lost;
  await rejects(echo(sidecar, "gone"));
});

Deno.test("AgentTunnel bounds what strangers can open, and ends it when it is disposed of", async () => {
  const rootDir = await Deno.makeTempDir();
  await using host = await LocalHost.open({ rootDir });
  const service = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const tunnel = AgentTunnel.open({
    dial: loopbackOf(() => Promise.resolve(host), service.addr.port),
  });
  const accepted: Deno.Conn[] = [];
  let isOver = false;
  const serving = (async () => {
    // Of those that are sent away some have gone before they are accepted.
    while (!isOver) await service.accept().then((each) => accepted.push(each), () => {});
  })();
  const clients = await Promise.all(Array.from({ length: 40 }, () => Deno.connect(tunnel.route)));
  const ends = clients.map(async (client) =>
    await client.read(new Uint8Array(1)).catch(() => null)
  );
  strictEqual(await Promise.race(ends), null, "a stranger too many is sent away");
  await tunnel[Symbol.asyncDispose]();
  await tunnel[Symbol.asyncDispose]();
  deepStrictEqual(new Set(await Promise.all(ends)), new Set([null]));
  ok(accepted.length <= 16, `${accepted.length} have come through`);
  await rejects(Deno.connect(tunnel.route), Deno.errors.ConnectionRefused);
  isOver = true;
  service.close();
  await serving;
  for (const each of [...clients, ...accepted]) each.close();
  await Deno.remove(rootDir, { recursive: true });
});
