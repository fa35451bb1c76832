/**
 * The agent's program: serves this machine to one runner, and ends when that is gone.
 *
 * @module
 */
import {
  type AgentArguments,
  type CopyRequest,
  ExitCode,
  HELP,
  parseCommandLine,
} from "./command_line.ts";
import { agentEnvironment } from "./build/agent_environment.ts";
import { type EndingPart, endOfLife } from "./end_of_life.ts";
import { AgentWatch } from "./host/agent_watch.ts";
import { LocalHost, type LocalHostOptions } from "./host/local_host.ts";
import type { LaunchDocument } from "./identity/enrolment_proof.ts";
import { readLaunchDocument } from "./launch_document.ts";
import { shutDown, SHUTDOWNS, SYSRQ } from "./shut_down.ts";
import { Lease } from "./server/lease.ts";
import { RunnerSockets, UnreachableRunner } from "./server/runner_sockets.ts";
import { SessionServer } from "./server/session_server.ts";
import { surviveFailures } from "./survive_failures.ts";
import { PROTOCOL_VERSION } from "./wire/protocol.ts";
import type { Transport } from "./wire/transport.ts";

/**
 * Variables by which the processes of an agent are found, wherever they went. The runner gives them
 * to agents that share its host; others choose their own.
 */
const RUN_MARKER = "CLUSTERTEST_RUN";
const NODE_MARKER = "CLUSTERTEST_NODE";

/** Milliseconds that connections have to close: those that do not must not keep the agent from its end. */
const CLOSE_TIMEOUT = 10_000;

/**
 * Milliseconds that processes have to end. They are killed at once, and what cannot be killed is given
 * up and named long before; this is for a machine that is too busy to look at thousands of them.
 */
const KILL_TIMEOUT = 120_000;

/** Runs the agent; resolves to the code to exit with. */
async function main(args: string[]): Promise<number> {
  const parsed = parseCommandLine(args);
  if (parsed === "help") return print(HELP);
  if (parsed === "version") return print(`${PROTOCOL_VERSION}\n`);
  if (parsed === "kernel") return await printMissingParts();
  if ("from" in parsed) return await copy(parsed);
  surviveFailures(log);
  const ending = Promise.withResolvers<number>();
  // The lease begins first: an agent that waits for what it is launched with has an end as well.
  const lease = new Lease({
    timeout: parsed.lease,
    startTimeout: parsed.startTimeout,
    maxLife: parsed.maxLife,
    onEnd: (why) => ending.resolve(why === "lease" ? ExitCode.lease : ExitCode.maxLife),
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => ending.resolve(ExitCode.asked));
  }
  const life: Life = { lease, parts: [{ what: lease, timeout: CLOSE_TIMEOUT }], watch: undefined };
  // A machine that asks its agent to end is shutting down, or starting again, as it is.
  const isToStay = (code?: number) => code === ExitCode.asked || parsed.atEnd !== "shutdown";
  let code: number | undefined;
  try {
    code = await lifeOf(life, parsed, ending.promise);
  } finally {
    await endOfLife(life, { machineStays: code === undefined || isToStay(code), log });
  }
  if (!isToStay(code)) await shutDown(log);
  return code;
}

/** What an agent ends by, and with. */
interface Life {
  readonly lease: Lease;
  /** Everything that was begun, in the order in which it is to end. */
  readonly parts: EndingPart[];
  /** What ends the agent if it hangs. */
  watch: AgentWatch | undefined;
}

/** Serves until the end has a code; rejects if it cannot serve. */
async function lifeOf(
  life: Life,
  parsed: AgentArguments,
  ending: Promise<number>,
): Promise<number> {
  const code = await Promise.race([ending, serve(parsed, life).then(() => ending)]);
  log(`ending with code ${code}`);
  return code;
}

/** Begins to serve; resolves when the runner can reach it, or was reached. */
async function serve(parsed: AgentArguments, life: Life): Promise<void> {
  const { lease, parts } = life;
  const launch = await readLaunchDocument(parsed.launch);
  const options = hostOptions(parsed, launch);
  const host = await LocalHost.open(options);
  const sessions = new SessionServer(host, { retention: parsed.lease, log });
  const opening = openFront(parsed, {
    launch,
    onSession: (transport) => {
      lease.begin();
      sessions.attach(transport);
    },
    onHeartbeat: () => {
      lease.renew();
      sessions.renew();
    },
  });
  // While the runner answers.
  const watching = parsed.isWatchedLater
    ? lease.firstHalf.then(() => watchOver(host, parsed, options.marker))
    : watchOver(host, parsed, options.marker);
  const front = await opening;
  parts.push(
    { what: sessions, timeout: CLOSE_TIMEOUT },
    { what: front, timeout: CLOSE_TIMEOUT },
    { what: host, timeout: KILL_TIMEOUT },
  );
  lease.watch = life.watch = await watching;
}

/** Who does what comes in. */
interface FrontOptions {
  readonly launch: LaunchDocument;
  readonly onSession: (transport: Transport) => void;
  readonly onHeartbeat: () => void;
}

/** Calls at the runner's sockets, or else listens, and says where. */
async function openFront(
  { connect, listen: address }: AgentArguments,
  options: FrontOptions,
): Promise<AsyncDisposable> {
  if (connect !== undefined) {
    const { token } = options.launch;
    return await RunnerSockets.connect({ ...options, dir: connect, token, log });
  }
  const { listen } = await import("./server/listen.ts");
  const server = await listen({ ...options, ...address, log });
  print(`${JSON.stringify({ listening: server.address, protocol: PROTOCOL_VERSION })}\n`);
  return server;
}

/** Where several nodes share a host, each is only its own address of it. */
function hostOptions(
  { root, confine, address }: AgentArguments,
  launch: LaunchDocument,
): LocalHostOptions & Required<Pick<LocalHostOptions, "marker">> {
  const all = Deno.env.toObject();
  const { [RUN_MARKER]: run, [NODE_MARKER]: node = crypto.randomUUID() } = all;
  const marker = { ...run === undefined ? {} : { [RUN_MARKER]: run }, [NODE_MARKER]: node };
  const inherited = Object.entries(all).filter(([name]) => !(name in agentEnvironment));
  const env = { ...Object.fromEntries(inherited), ...launch.env };
  const addresses = address === undefined
    ? { loopback: ["127.0.0.1", "::1", ...ownAddress(env)] }
    : { ownAddress: address };
  return { rootDir: root, env, marker, confine, ...addresses };
}

function ownAddress({ CLUSTERTEST_ADDRESS }: Readonly<Record<string, string>>): string[] {
  return CLUSTERTEST_ADDRESS === undefined ? [] : [CLUSTERTEST_ADDRESS];
}

/** An agent that cannot be watched serves all the same: only few systems lack what that needs. */
async function watchOver(
  host: LocalHost,
  { lease, atEnd }: AgentArguments,
  marker: Readonly<Record<string, string>>,
): Promise<AgentWatch | undefined> {
  const switchOff = { commands: SHUTDOWNS, trigger: SYSRQ };
  try {
    const starter = await host.starter();
    const options = { lease, marker, log, switchOff: atEnd === "shutdown" ? switchOff : undefined };
    return starter && await AgentWatch.start(starter, options);
  } catch (error) {
    log(`nothing ends this agent if it hangs: ${(error as Error).message}`);
  }
}

async function copy(request: CopyRequest): Promise<number> {
  const { copyPack } = await import("./build/copy_pack.ts");
  await copyPack(request);
  return ExitCode.asked;
}

async function printMissingParts(): Promise<number> {
  const { missingParts } = await import("./host/packets/kernel_parts.ts");
  return print(`${JSON.stringify({ missing: missingParts() })}\n`);
}

function print(output: string): number {
  Deno.stdout.writeSync(new TextEncoder().encode(output));
  return ExitCode.asked;
}

function log(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(`${new Date().toISOString()} ${line}\n`));
  } catch {
    // Who reads the log is the runner, or its child: when they are gone, the agent has yet to end.
  }
}

// Not awaited: the bundle that packs run is no module.
main(Deno.args).then(Deno.exit, (error: Error) => {
  const isUsage = error instanceof TypeError;
  log(`${error.message}${isUsage ? " (see --help)" : ""}`);
  const other = error instanceof UnreachableRunner ? ExitCode.unreachable : ExitCode.failed;
  Deno.exit(isUsage ? ExitCode.usage : other);
});
