/**
 * Agents that are reached by a module.
 *
 * @module
 */
import { match, ok, rejects, strictEqual } from "node:assert/strict";
import { openWarmFleet } from "../testing/connected_agent.ts";
import { freePort } from "../testing/free_port.ts";
import { type Fault, TcpProxy } from "../testing/tcp_proxy.ts";
import { TestAgent } from "../testing/test_agent.ts";
import { Fleet, type FleetAgent, type ModuleRoute } from "./fleet.ts";
import { RouteAccesses } from "./module_route.ts";

/** Seconds that the agents live without a heartbeat. */
const LEASE = 6;

const HEARTBEAT = { interval: 100, timeout: 60_000 };

const MODULE = import.meta.resolve("../testing/loopback_route.ts");

/** A module that reaches nobody, and tells of each attempt. */
const FAILING_MODULE = `data:text/javascript,
  export const openAccess = async () => ({
    async dial() {
      dispatchEvent(new Event("dialled"));
      throw new Error("nobody is there");
    },
    async [Symbol.asyncDispose]() {},
  });`;

const never = (): AbortSignal => new AbortController().signal;

/** Counts who comes to it. */
class Door implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #entered: Deno.Conn[] = [];

  constructor() {
    (async () => {
      for await (const each of this.#listener) this.#entered.push(each);
    })();
  }

  get entered(): number {
    return this.#entered.length;
  }

  routeTo(target: number): ModuleRoute {
    return { module: MODULE, access: { port: this.#listener.addr.port }, target };
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const each of this.#entered) each.close();
  }
}

/** An agent that is reached by the module; `plan` says what befalls its connections. */
async function startRouted(stack: AsyncDisposableStack, plan?: () => Fault | undefined) {
  const door = stack.use(new Door());
  const { promise: clock, resolve } = Promise.withResolvers<void>();
  const fleet = await openWarmFleet(stack, (node) => node === "node" && resolve());
  using launch = fleet.launch();
  const launched = {
    launch: launch.document,
    args: ["--listen", "127.0.0.1:0", "--lease", `${LEASE}`],
  };
  const agent = stack.use(await TestAgent.start(launched));
  // A proxy of this thread's stands when the thread does.
  const proxy = plan && stack.use(await TcpProxy.open(agent.address, { plan }));
  const options = { name: "node", signal: never() };
  const connection = stack.use(
    await launch.connect(door.routeTo((proxy ?? agent.address).port), options),
  );
  return { connection, agent, proxy, door, beating: clock };
}

/** What a process writes there, in bytes. */
async function written(agent: FleetAgent, count: number): Promise<number> {
  const args = ["-c", `sleep 0.3; head -c ${count} /dev/zero`];
  const child = await agent.host.processes.start({ command: "sh", args, stdout: "piped" });
  const { byteLength } = await new Response(child.stdout).arrayBuffer();
  await child.status;
  return byteLength;
}

Deno.test("an agent that a module leads to is reached by both threads, each on its own", async () => {
  await using stack = new AsyncDisposableStack();
  const { connection, agent, door, beating } = await startRouted(stack);
  strictEqual(await written(connection, 10_000), 10_000);
  const lost = connection.lost.then((reason) => Promise.reject(new Error(Deno.inspect(reason))));
  await Promise.race([beating, lost]);
  // For longer than the lease.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, (LEASE + 0.5) * 1_000);
  strictEqual(await written(connection, 10_000), 10_000);
  strictEqual(door.entered, 2, "each thread opens the access once");
  strictEqual(agent.log, "");
});

Deno.test("a session goes on over connections that a module has dialled anew", async () => {
  await using stack = new AsyncDisposableStack();
  let cuts = 0;
  const plan = (): Fault | undefined =>
    cuts++ < 6 ? { after: 150_000 * cuts, kind: "cut" } : undefined;
  const { connection, proxy } = await startRouted(stack, plan);
  strictEqual(await written(connection, 3_000_000), 3_000_000);
  ok(proxy!.faults > 0, "no connection was cut");
});

Deno.test("why a module cannot dial is the cause of a connection that fails", async () => {
  await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
  using launch = fleet.launch();
  const enough = new AbortController();
  let attempts = 0;
  // Who dials for the second time has seen the first attempt fail.
  const noteAttempt = () => ++attempts === 2 && enough.abort(new Error("enough"));
  addEventListener("dialled", noteAttempt);
  const route = { module: FAILING_MODULE, access: null, target: null };
  const connecting = launch.connect(route, { signal: enough.signal });
  await rejects(connecting, (error: Error) => {
    match(String(error.cause), /nobody is there/);
    return true;
  });
  removeEventListener("dialled", noteAttempt);
});

Deno.test("RouteAccesses tries again to open what could not be opened", async () => {
  await using accesses = new RouteAccesses();
  const port = await freePort();
  const target = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const route = { module: MODULE, access: { port }, target: target.addr.port };
  await rejects(accesses.dial(route, never()), Deno.errors.ConnectionRefused);
  const later = Deno.listen({ hostname: "127.0.0.1", port });
  const connection = await accesses.dial(route, never());
  await connection.reset(new Error("over"));
  later.close();
  target.close();
});
