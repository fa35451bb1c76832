import { AgentHost, type AgentHostOptions } from "../client/agent_host.ts";
import { openTransport } from "../client/agent_socket.ts";
import { type KnownAgent, pinnedTls } from "../client/agent_tls.ts";
import { enrol } from "../client/enrol.ts";
import { Fleet, type FleetAgent } from "../client/fleet.ts";
import { Heartbeats } from "../client/heartbeats.ts";
import type { RunnerIdentity } from "../identity/identity.ts";
import { Authority } from "./authority.ts";
import { TestAgent, type TestAgentOptions } from "./test_agent.ts";

/** Milliseconds that an agent may take to answer, on a machine that has other things to do. */
const PATIENCE = 30_000;

/** An agent that knows its runner. */
export interface EnrolledAgent {
  readonly agent: TestAgent;
  readonly runner: RunnerIdentity;
  readonly known: KnownAgent;
}

/**
 * Starts an agent and enrols it. It is sent no heartbeats: its lease is long, unless its arguments say
 * another.
 */
export async function startEnrolled(
  options: Omit<TestAgentOptions, "launch"> = {},
): Promise<EnrolledAgent & AsyncDisposable> {
  const authority = Authority.make();
  const { launch } = authority;
  await using stack = new AsyncDisposableStack();
  const args = ["--lease", "600", ...options.args ?? []];
  const agent = stack.use(await TestAgent.start({ ...options, args, launch }));
  const runner = authority.runner();
  const signal = AbortSignal.timeout(PATIENCE);
  const known = await enrol({ address: agent.address, launch, runner, signal });
  const owned = stack.move();
  return { agent, runner, known, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Opens a session with an enrolled agent, maybe at another address that leads to it. */
export async function openHost(
  { runner, known }: Omit<EnrolledAgent, "agent">,
  { port = known.port, ...options }: AgentHostOptions & { port?: number } = {},
): Promise<AgentHost> {
  const tls = pinnedTls(runner, known);
  const address = { hostname: known.hostname, port };
  return await AgentHost.connect(
    (signal) => openTransport(address, { tls, signal }),
    options,
  );
}

/** Sends heartbeats to an enrolled agent, until the result is disposed of. */
export function keepLease({ runner, known }: EnrolledAgent): Disposable {
  const options = { interval: 100, timeout: 60_000, onClock: () => {} };
  const heartbeats = new Heartbeats(runner, options);
  heartbeats.keep("node", known);
  return heartbeats;
}

/** An agent of a fleet, which sends it heartbeats. */
export interface AgentInFleet extends AsyncDisposable {
  readonly agent: TestAgent;
  readonly connection: FleetAgent;
}

/**
 * A fleet whose thread that keeps leases is there already, which takes seconds on a busy machine: a short
 * lease does not wait for that. `onClock` is called with the node whose clock was read.
 */
export async function openWarmFleet(
  stack: AsyncDisposableStack,
  onClock: (node: string) => void = () => {},
): Promise<Fleet> {
  const { promise: warm, resolve } = Promise.withResolvers<void>();
  const options = {
    heartbeat: { interval: 100, timeout: 60_000 },
    onClock: (node: string) => {
      resolve();
      onClock(node);
    },
  };
  const fleet = stack.use(Fleet.create(options));
  stack.use(await startInFleet(fleet, { name: "first" }));
  await warm;
  return fleet;
}

/** Starts an agent that joins a fleet. */
export async function startInFleet(
  fleet: Fleet,
  { name = "node", ...options }: Omit<TestAgentOptions, "launch"> & { name?: string } = {},
): Promise<AgentInFleet> {
  using launch = fleet.launch();
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(await TestAgent.start({ ...options, launch: launch.document }));
  const signal = AbortSignal.timeout(PATIENCE);
  const connection = stack.use(await launch.connect(agent.address, { name, signal }));
  const owned = stack.move();
  return { agent, connection, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
