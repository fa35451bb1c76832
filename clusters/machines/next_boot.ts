import { connectTcp } from "../../agent/connect_tcp.ts";
import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { EnrolmentError } from "../../agent/client/enrol.ts";
import type { AgentRoute, Fleet, FleetAgent, Launch } from "../../agent/client/fleet.ts";
import type { Host } from "../../agent/host/host.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { LAUNCH_FILE } from "./boot_script.ts";

/** Milliseconds between attempts while the agent from before the boot still answers. */
const PAUSE = 250;

/** Milliseconds that an agent has to accept a connection, if it is there. */
const ANSWER_TIMEOUT = 2_000;

/** How a machine is booted once more. */
export interface NextBootOptions {
  readonly fleet: Fleet;
  /** Where the machine's agent is, and will be again. */
  readonly route: AgentRoute;
  /** The node's name. */
  readonly name: string;
  /** Asks the provider for the boot; resolves once it has agreed. */
  readonly reboot: () => Promise<void>;
  /** Milliseconds in which the agent is to be there again. */
  readonly within: number;
}

/**
 * The next boot of a machine, which ends all that runs there, and keeps its files. The agent that comes
 * with it is enrolled as soon as it is there, so that its lease goes on whether or not the test wants the
 * node back already. Disposing it gives that agent up.
 */
export class NextBoot implements AsyncDisposable {
  readonly #route: AgentRoute;
  readonly #agent: Promise<FleetAgent>;
  readonly #end = new AbortController();

  private constructor(launch: Launch, { route, name, within }: NextBootOptions) {
    this.#route = route;
    this.#agent = reachAgain(launch, { route, name, within, signal: this.#end.signal })
      .finally(() => launch[Symbol.dispose]());
    this.#agent.catch(() => {});
  }

  /**
   * Kills what `agent` has started, and has the machine booted. Nothing is asked to end before: that
   * would be no crash.
   */
  static async begin(agent: FleetAgent, options: NextBootOptions): Promise<NextBoot> {
    const launch = options.fleet.launch();
    try {
      await agent.host.processes.kill();
      await writeLaunchFile(agent.host, JSON.stringify(launch.document));
      await options.reboot();
    } catch (error) {
      launch[Symbol.dispose]();
      // An agent that ends takes its machine along, unless this file is there.
      await agent.host.files.call("remove", { path: LAUNCH_FILE }).catch(() => {});
      throw error;
    }
    const boot = new NextBoot(launch, options);
    await agent[Symbol.asyncDispose]();
    return boot;
  }

  /** Resolves once the machine does not run any more what it ran before. */
  async hasEndedAll(): Promise<void> {
    const over = new AbortController();
    try {
      await Promise.race([untilSilent(this.#route, over.signal), this.#agent]);
    } finally {
      over.abort();
    }
  }

  /** The agent that it brings, once that is there. */
  async agent(signal: AbortSignal): Promise<FleetAgent> {
    return await unlessAborted(this.#agent, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Deno.errors.Interrupted("Cannot reach the agent: its machine is to end"));
    const agent = await this.#agent.catch(() => undefined);
    agent?.abandon("its machine is to end");
    await agent?.[Symbol.asyncDispose]();
  }
}

/** Puts down what the agent needs to be enrolled after the next boot. */
async function writeLaunchFile(host: Host, document: string): Promise<void> {
  const stream = await host.files.write(LAUNCH_FILE, { mode: 0o600 });
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(document));
  await writer.close();
}

/** Waits for the agent that the next boot starts: the one from before does not know the launch. */
async function reachAgain(
  launch: Launch,
  { route, name, within, signal: given }: Omit<NextBootOptions, "fleet" | "reboot"> & {
    readonly signal: AbortSignal;
  },
): Promise<FleetAgent> {
  const late = () => new Error(`its agent was not there again within ${within / 1000} s`);
  using deadline = new Deadline(within, [given], late);
  const { signal } = deadline;
  for (;;) {
    try {
      return await launch.connect(route, { name, signal });
    } catch (error) {
      if (!(error instanceof EnrolmentError)) throw error;
      await delay(PAUSE, signal);
    }
  }
}

/** Waits until nothing accepts connections there. */
async function untilSilent(route: AgentRoute, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    using attempt = new Deadline(ANSWER_TIMEOUT, [signal]);
    try {
      (await connectTcp({ ...route, signal: attempt.signal })).close();
    } catch {
      return;
    }
    await delay(PAUSE, signal).catch(() => {});
  }
}
