import { settledWithin } from "../settled_within.ts";
import type { Starter } from "./starter/starter.ts";

/** What an agent is watched for. */
export interface AgentWatchOptions {
  /** Milliseconds of the agent's lease. */
  readonly lease: number;
  /** Variables that everything which the agent starts has. */
  readonly marker: Readonly<Record<string, string>>;
  /** How the machine is switched off after the agent. @default it stays on */
  readonly switchOff?: SwitchOff | undefined;
  /** Takes the lines of the agent's log. */
  readonly log: (line: string) => void;
}

/** How a machine is switched off. */
export interface SwitchOff {
  /** Commands that are tried in this order. */
  readonly commands: readonly (readonly string[])[];
  /** The kernel's own way, when they have failed. */
  readonly trigger: string;
}

/** What is to be done when the agent is gone. */
export interface WatchedEnd {
  /** Milliseconds that the agent has to end. */
  readonly within: number;
  /** Whether the machine stays on, whatever becomes of the agent. */
  readonly machineStays: boolean;
  /** Whether what the agent has started is to be killed after it. @default false */
  readonly killAfterwards?: boolean | undefined;
}

/** Steps into which the time of a lease is divided. */
const STEPS = 20;

/** Milliseconds of a step. */
const STEP = { least: 50, most: 1_000 };

/**
 * Milliseconds beyond a deadline that an agent which does not hang has to meet it, on a machine that is
 * busy: half of that time, within these bounds.
 */
const GRACE = { least: 3_000, most: 15_000 };

/** Milliseconds that the watch, which may be stopped, has to listen. */
const TELL_TIMEOUT = 1_000;

/** Bits of what the watch is told, as in `watch.c`. */
const Order = { killAtEnd: 2 ** 31, machineStays: 2 ** 30 } as const;

/**
 * A process that ends an agent which hangs. The agent has one thread, and a system call may never return,
 * such as one for a file of a dead file server. Then the agent cannot end itself when its lease runs out.
 *
 * The watch ends when the agent ends, for whatever reason. It leaves alone what the agent has started,
 * unless it was told otherwise, because the node may be about to start again.
 */
export class AgentWatch implements AsyncDisposable {
  readonly #starter: Starter;
  readonly #options: AgentWatchOptions;
  readonly #step: number;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #latest: Promise<void> = Promise.resolve();
  /** From then on, no other watch takes its place. */
  #isEnding = false;

  private constructor(starter: Starter, options: AgentWatchOptions, pipe: WritableStream) {
    this.#starter = starter;
    this.#options = options;
    this.#step = stepOf(options);
    this.#writer = pipe.getWriter();
  }

  /** Watches this process from now on. */
  static async start(starter: Starter, options: AgentWatchOptions): Promise<AgentWatch> {
    return new AgentWatch(starter, options, await begin(starter, options));
  }

  /** Called by an agent that does not hang: it may go on for this time. */
  timeLeft(milliseconds: number): void {
    this.#tell(stepsFor(milliseconds, this.#step));
  }

  /** Called before the agent ends. Resolves when the watch was told, if it listens. */
  async end({ within, machineStays, killAfterwards = false }: WatchedEnd): Promise<void> {
    this.#isEnding = true;
    const orders = (killAfterwards ? Order.killAtEnd : 0) + (machineStays ? Order.machineStays : 0);
    this.#tell(orders + stepsFor(within, this.#step));
    await settledWithin(TELL_TIMEOUT, this.#latest);
  }

  /** Ends the watch. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await settledWithin(TELL_TIMEOUT, this.#latest);
    await this.#writer.close().catch(() => {});
  }

  #tell(word: number): void {
    this.#latest = this.#latest.then(() => this.#write(word)).catch((error: Error) => {
      this.#options.log(`cannot watch this agent any more: ${error.message}`);
    });
  }

  /** Another watch takes the place of one that was killed. */
  async #write(word: number): Promise<void> {
    const bytes = new Uint8Array(new Uint32Array([word]).buffer);
    try {
      await this.#writer.write(bytes);
    } catch {
      if (this.#isEnding) return;
      this.#options.log("the watch over this agent has ended: another one is started");
      this.#writer = (await begin(this.#starter, this.#options)).getWriter();
      await this.#writer.write(bytes);
    }
  }
}

function begin(
  starter: Starter,
  options: AgentWatchOptions,
): Promise<WritableStream<Uint8Array>> {
  const { lease, marker, switchOff } = options;
  const step = stepOf(options);
  const variables = Object.entries(marker).map(([name, value]) => `${name}=${value}`);
  return starter.watch([
    `step=${step}`,
    `steps=${stepsFor(lease, step)}`,
    ...switchOff ? [`trigger=${switchOff.trigger}`] : [],
    "--",
    ...variables,
    ...switchOff?.commands.flatMap((command) => ["--", ...command]) ?? [],
  ]);
}

function stepOf({ lease }: AgentWatchOptions): number {
  return Math.ceil(Math.min(STEP.most, Math.max(STEP.least, lease / STEPS)));
}

/** Steps of a deadline, with what it may be missed by. */
function stepsFor(milliseconds: number, step: number): number {
  const grace = Math.min(GRACE.most, Math.max(GRACE.least, milliseconds / 2));
  return Math.ceil((milliseconds + grace) / step);
}
