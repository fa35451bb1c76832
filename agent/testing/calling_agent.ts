import { join } from "node:path";
import type { Fleet, FleetAgent, LaunchDocument } from "../client/fleet.ts";
import { SocketRelay } from "./socket_relay.ts";
import { TestAgent, type TestAgentOptions } from "./test_agent.ts";

/** Milliseconds that an agent may take to call, on a machine that has other things to do. */
const PATIENCE = 30_000;

/** An agent that calls at sockets of this process, by way of a relay. */
export interface CallingAgent extends AsyncDisposable {
  readonly agent: TestAgent;
  readonly connection: FleetAgent;
  /** The folder with the sockets. */
  readonly dir: string;
  readonly relay: SocketRelay;
  readonly launch: LaunchDocument;
}

/** How one is started. */
export interface CallingAgentOptions extends Omit<TestAgentOptions, "launch" | "sockets"> {
  /** Of its node. @default "node" */
  readonly name?: string | undefined;
  /** Whether it calls without the relay, which stands when this thread does. @default false */
  readonly isDirect?: boolean | undefined;
}

/** Starts an agent of a fleet that calls. */
export async function startCalling(
  fleet: Fleet,
  { name = "node", isDirect = false, ...options }: CallingAgentOptions = {},
): Promise<CallingAgent> {
  await using stack = new AsyncDisposableStack();
  using launch = fleet.launch();
  const folder = await Deno.makeTempDir({ prefix: "clustertest-call-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const dir = join(folder, "s");
  const signal = AbortSignal.timeout(PATIENCE);
  const sockets = await launch.openSockets(dir, { name, signal });
  const relay = stack.use(await SocketRelay.open(join(folder, "relay"), dir));
  const called = isDirect ? dir : relay.dir;
  const agent = stack.use(
    await TestAgent.start({ ...options, launch: launch.document, sockets: called }),
  );
  const connection = stack.use(await sockets.connect({ signal }));
  const owned = stack.move();
  const { document } = launch;
  const parts = { agent, connection, dir, relay, launch: document };
  return { ...parts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
