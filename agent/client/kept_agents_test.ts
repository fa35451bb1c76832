import assert from "node:assert/strict";
import { join } from "node:path";
import { startEnrolled } from "../testing/connected_agent.ts";
import { TestAgent } from "../testing/test_agent.ts";
import { KeptAgents } from "./kept_agents.ts";
import type { LeaseEvents, LeaseRoute } from "./lease_route.ts";
import { SocketLeaseRoute } from "./socket_lease_route.ts";
import { TlsLeaseRoute } from "./tls_lease_route.ts";

const OPTIONS = { interval: 100, timeout: 10_000 };

/** An agent, and the route by which the thread that keeps its lease reaches it. */
interface Scene extends AsyncDisposable {
  readonly agent: TestAgent;
  readonly route: (events: LeaseEvents) => LeaseRoute;
}

const ROUTES: Readonly<Record<string, () => Promise<Scene>>> = {
  "an agent that listens by TLS": listening,
  "an agent that calls at a socket": calling,
};

for (const [what, open] of Object.entries(ROUTES)) {
  Deno.test(`openHost() opens sessions of this thread's own with ${what}`, async () => {
    await using scene = await open();
    await using agents = new KeptAgents(OPTIONS);
    agents.add(7, { node: "node1", route: scene.route, onClock: () => {} });
    await using one = await agents.openHost("node1", { signal: AbortSignal.timeout(30_000) });
    // Several at a time, each of which ends what was started through it, and nothing else.
    const others = await Promise.all([agents.openHost("node1"), agents.openHost("node1")]);
    const child = await one.processes.start({ command: "sleep", args: ["1000"] });
    await Promise.all(others.map((host) => host.network.hostname()));
    const ended = await others[0]!.processes.start({ command: "sleep", args: ["1000"] });
    await Promise.all(others.map((host) => host[Symbol.asyncDispose]()));
    assert.ok(!(await ended.status).success);
    assert.ok((await one.network.hostname()).length > 0);
    await child[Symbol.asyncDispose]();
  });

  Deno.test(`openHost() gives up when it is aborted, and works again, with ${what}`, async () => {
    await using scene = await open();
    await using agents = new KeptAgents(OPTIONS);
    agents.add(0, { node: "node1", route: scene.route, onClock: () => {} });
    const reason = new Error("enough");
    const end = new AbortController();
    scene.agent.kill("SIGSTOP");
    const waiting = agents.openHost("node1", { signal: end.signal });
    setTimeout(() => end.abort(reason), 50);
    await assert.rejects(waiting, reason);
    scene.agent.kill("SIGCONT");
    await using host = await agents.openHost("node1");
    assert.ok((await host.network.hostname()).length > 0);
    await assert.rejects(
      agents.openHost("node1", { signal: AbortSignal.abort(reason) }),
      reason,
    );
  });
}

Deno.test("openHost() says that there is no such node, also of one that was removed", async () => {
  await using scene = await calling();
  await using agents = new KeptAgents(OPTIONS);
  await assert.rejects(agents.openHost("node1"), {
    name: "NotFound",
    message: 'Cannot reach node "node1": it is not there any more',
  });
  agents.add(0, { node: "node1", route: scene.route, onClock: () => {} });
  await agents.remove(0);
  await assert.rejects(agents.openHost("node1"), Deno.errors.NotFound);
});

async function listening(): Promise<Scene> {
  const { agent, known, runner, ...rest } = await startEnrolled();
  return {
    agent,
    route: (events) => new TlsLeaseRoute(known, runner, events),
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
}

/** The agent is started when its socket is there. */
async function calling(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const token = "0123456789abcdef".repeat(4);
  const events: { current?: LeaseEvents } = {};
  const route = stack.use(
    new SocketLeaseRoute({ path: join(dir, "lease"), token }, {
      opened: (connection) => events.current?.opened(connection),
      said: (text) => events.current?.said(text),
      closed: (connection) => events.current?.closed(connection),
    }),
  );
  const launch = { caCertificate: "unused", token };
  const agent = stack.use(await TestAgent.start({ launch, sockets: dir }));
  const owned = stack.move();
  return {
    agent,
    route: (given) => {
      events.current = given;
      return route;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
