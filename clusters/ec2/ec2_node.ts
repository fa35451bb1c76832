import { RebootInstancesCommand } from "@aws-sdk/client-ec2";
import type { AgentConnection } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { aborted, throwFailures } from "../concurrency/mod.ts";
import { type Abilities, CurrentHost, type LossReason, type ProvidedNode } from "../kit/mod.ts";
import type { Instance } from "../aws/mod.ts";
import type { LaunchContext } from "./launch_context.ts";
import { lossOf } from "./loss.ts";
import { prepareRestart, reachAgain } from "../machines/mod.ts";
import { terminateInstances } from "./terminator.ts";

/** Milliseconds that EC2 has to end an instance that is not asked to shut down. */
const KILL_DEADLINE = 180_000;

/** Milliseconds in which an instance comes up again: EC2 waits four minutes before it forces one. */
const RESTART_DEADLINE = 360_000;

/** Why a node is lost that the test has killed, whoever notices first. */
const KILLED: LossReason = { summary: "it was killed, as the test asked for" };

/** What a node is made of. */
export interface Ec2NodeParts {
  readonly id: string;
  /** The node's name. */
  readonly name: string;
  readonly instance: Instance;
  /** Where the runner reaches its agent. */
  readonly route: { readonly hostname: string; readonly port: number };
  readonly connection: AgentConnection;
}

/** A node that is an instance. */
export class Ec2Node implements ProvidedNode {
  readonly host: CurrentHost;
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly lost: Promise<LossReason>;
  readonly abilities: Abilities = {
    kill: { kill: () => this.#kill() },
    restart: { restart: () => this.#restart() },
  };
  readonly #context: LaunchContext;
  readonly #parts: Ec2NodeParts;
  readonly #lose: (reason: LossReason) => void;
  #connection: AgentConnection;
  #watching = new AbortController();
  #isGone = false;
  readonly #end = new UntilDone(() => this.#release());
  #isKilled = false;

  constructor(context: LaunchContext, parts: Ec2NodeParts) {
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#context = context;
    this.#parts = parts;
    this.#connection = parts.connection;
    this.host = new CurrentHost(parts.connection.host);
    this.id = parts.id;
    this.name = parts.name;
    this.address = parts.instance.privateAddress!;
    this.#watch();
  }

  /** Whether it was lost or given back. */
  get isOver(): boolean {
    return this.#isGone || this.#end.hasBegun;
  }

  destroy(): Promise<void> {
    return this.#end.run();
  }

  /** Lets go of the agent, of an instance that somebody else ends. */
  async forget(reason: string): Promise<void> {
    this.#watching.abort();
    this.#connection.abandon(reason);
    await this.#connection[Symbol.asyncDispose]();
  }

  /** Ends the instance, and then everything on this side. All of it is tried. */
  async #release(): Promise<void> {
    const { terminator, bill } = this.#context;
    this.#watching.abort();
    const ending = terminator.terminate(this.id).then(() => bill.end(this.id));
    const ended = await Promise.allSettled([ending]);
    throwFailures([
      ...ended,
      ...await Promise.allSettled([this.forget("its instance was terminated")]),
    ]);
  }

  /** Nothing on it is asked to end. EC2 agrees before it acts: until then the instance goes on. */
  async #kill(): Promise<void> {
    const { aws, ends } = this.#context;
    using deadline = new Deadline(KILL_DEADLINE);
    this.#isKilled = true;
    try {
      await terminateInstances(aws, [this.id], { atOnce: true, wereSeen: true });
    } catch (error) {
      // It goes on, and so does the watch over it.
      this.#isKilled = false;
      throw error;
    }
    this.#watching.abort();
    const ended = ends.when(this.id, isTerminated, deadline.signal);
    await ends.refresh();
    await Promise.race([ended, this.#connection.lost, aborted(deadline.signal)]);
    this.#gone(KILLED);
    if (deadline.isOver) throw new Error(`EC2 has not ended ${this.id} within ${KILL_DEADLINE} ms`);
  }

  async #restart(): Promise<void> {
    this.#watching.abort();
    const { aws, fleet } = this.#context;
    const { id, name, route } = this.#parts;
    try {
      using launch = fleet.launch();
      await prepareRestart(this.#connection.host, launch.document);
      // The processes end first, and are seen to: the node itself is not lost.
      await this.#connection[Symbol.asyncDispose]();
      await aws.call(
        "restart an instance",
        (options) => aws.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }), options),
      );
      this.#connection = await reachAgain(launch, { route, name, within: RESTART_DEADLINE });
      this.host.replace(this.#connection.host);
      this.#watch();
    } catch (error) {
      this.#gone({ summary: `it did not come up again: ${(error as Error).message}` });
      throw error;
    }
  }

  /** Whichever notices first: the agent's connection, or EC2. */
  async #watch(): Promise<void> {
    const { ends } = this.#context;
    const { signal } = this.#watching = new AbortController();
    const ended = ends.when(this.id, () => true, signal);
    const first = await Promise.race([ended, this.#connection.lost, aborted(signal)]);
    if (first === undefined || signal.aborted) return;
    if ("id" in first) return this.#gone(lossOf(first));
    // EC2 may know more than that it cannot be reached.
    await ends.refresh();
    const instance = ends.latest(this.id);
    if (!signal.aborted) this.#gone(instance === undefined ? first : lossOf(instance));
  }

  #gone(reason: LossReason): void {
    this.#isGone = true;
    this.#watching.abort();
    this.#context.bill.end(this.id);
    this.#lose(this.#isKilled ? KILLED : reason);
    this.#connection.abandon(reason.summary);
  }
}

function isTerminated({ state }: Instance): boolean {
  return state === "terminated";
}
