import { LocalHost } from "../../../../agent/host/local_host.ts";
import type { LaunchDocument } from "../../../../agent/identity/enrolment_proof.ts";
import { makeNodeIdentity } from "../../../../agent/identity/identity.ts";
import { AgentServer } from "../../../../agent/server/agent_server.ts";
import { Lease } from "../../../../agent/server/lease.ts";
import { SessionServer } from "../../../../agent/server/session_server.ts";
import { readUserData } from "./user_data.ts";
import type { Machine, MachineEnd, MachinePlan } from "./machine.ts";

/** Milliseconds without a heartbeat after which an agent ends unless it is given another lease. */
const LEASE = 60_000;

/** The agent of a machine, in this process, at an address of the machine's own. */
export class SimulatedMachine implements Machine {
  readonly ended: Promise<MachineEnd>;
  #end = Promise.withResolvers<MachineEnd>();
  #log: string[] = [];
  #plan: MachinePlan;
  #running: AsyncDisposableStack | undefined;
  /** The end of what ran last. */
  #freezing: Promise<void> = Promise.resolve();
  #killing: Promise<void> | undefined;
  #rebooting: Promise<void> | undefined;
  #dir: string | undefined;

  private constructor(plan: MachinePlan) {
    this.#plan = plan;
    this.ended = this.#end.promise;
  }

  /** Starts the agent that the user data would start; none if there is no user data. */
  static async boot(plan: MachinePlan): Promise<SimulatedMachine> {
    const machine = new SimulatedMachine(plan);
    await machine.#start();
    return machine;
  }

  console(): Promise<string> {
    return Promise.resolve(this.#log.map((line) => `${line}\n`).join(""));
  }

  async shutDown(): Promise<void> {
    await this.kill();
  }

  /** Callers meanwhile wait for the same end. */
  kill(): Promise<void> {
    return this.#killing ??= this.#kill();
  }

  async #kill(): Promise<void> {
    await this.#rebooting?.catch(() => {});
    await this.freeze();
    if (this.#dir !== undefined) await Deno.remove(this.#dir, { recursive: true });
    this.#dir = undefined;
  }

  /** Callers meanwhile wait for the same reboot. */
  reboot(): Promise<void> {
    return this.#rebooting ??= this.#reboot().finally(() => this.#rebooting = undefined);
  }

  async #reboot(): Promise<void> {
    if (this.#killing !== undefined) return;
    await this.freeze();
    await this.#start();
  }

  async freeze(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) this.#freezing = running.disposeAsync();
    await this.#freezing;
  }

  async #start(): Promise<void> {
    const { userData } = this.#plan;
    if (userData === undefined) return;
    const script = await readUserData(userData);
    this.#dir ??= await Deno.makeTempDir({ prefix: "clustertest-simulated-" });
    await using stack = new AsyncDisposableStack();
    await this.#startAgent(script, { rootDir: this.#dir, stack });
    this.#running = stack.move();
  }

  async #startAgent(
    script: string,
    { rootDir, stack }: { rootDir: string; stack: AsyncDisposableStack },
  ): Promise<void> {
    const timeout = spanIn(script, "lease") ?? LEASE;
    const startTimeout = spanIn(script, "start-timeout");
    const address = this.#plan.addresses.private;
    const log = (line: string): void => void this.#log.push(line);
    const host = stack.use(
      await LocalHost.open({ rootDir, ownAddress: address }),
    );
    const sessions = stack.use(new SessionServer(host, { retention: timeout, log }));
    const switchOff = (): void => this.#end.resolve("off");
    const lease = stack.use(new Lease({ timeout, startTimeout, onEnd: switchOff }));
    const port = this.#plan.openPorts[0]!.from;
    stack.use(
      await AgentServer.listen({
        hostname: address,
        port,
        launch: launchDocument(script),
        identity: makeNodeIdentity(),
        onSession: (socket) => {
          lease.begin();
          sessions.attach(socket);
        },
        onHeartbeat: () => {
          lease.renew();
          sessions.renew();
        },
        log,
      }),
    );
    log(`agent listens at ${address}:${port}`);
  }
}

/** Finds how long an agent is to live by one of its options, in milliseconds, in a script that starts it. */
function spanIn(script: string, option: string): number | undefined {
  const [, seconds] = script.match(new RegExp(` --${option} (\\d+)`)) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Finds what a script hands to the agent: a line of JSON. */
function launchDocument(script: string): LaunchDocument {
  const line = script.split("\n").find((each) => each.startsWith('{"caCertificate"'));
  if (line === undefined) throw new Error("Cannot find a launch document in the user data");
  return JSON.parse(line);
}
