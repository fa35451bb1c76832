import { RebootInstancesCommand } from "@aws-sdk/client-ec2";
import type { FleetAgent } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { Instance } from "../aws/mod.ts";
import { aborted } from "../concurrency/mod.ts";
import type { AgentNode, LossReason, NodeResource } from "../kit/mod.ts";
import { prepareRestart, reachAgain } from "../machines/mod.ts";
import type { LaunchContext } from "./launch_context.ts";
import { explainEnd } from "./explain_end.ts";
import { terminateInstances } from "./terminator.ts";

/** Milliseconds that EC2 has to end an instance that is not asked to shut down. */
const KILL_DEADLINE = 180_000;

/** Milliseconds in which an instance comes up again: EC2 waits four minutes before it forces one. */
const RESTART_DEADLINE = 360_000;

/** A node that is an instance. */
export type Ec2Node = AgentNode<InstanceResource>;

/** What leads to the instance of a node. */
export interface InstanceAccess {
  /** The node's name. */
  readonly name: string;
  readonly instance: Instance;
  /** Where the runner reaches its agent. */
  readonly route: { readonly hostname: string; readonly port: number };
  readonly connection: FleetAgent;
}

/** The instance of a node. */
export class InstanceResource implements NodeResource {
  readonly id: string;
  readonly address: string;
  /** The node's. */
  readonly name: string;
  readonly #context: LaunchContext;
  readonly #route: InstanceAccess["route"];
  #connection: FleetAgent;

  constructor(context: LaunchContext, { name, instance, route, connection }: InstanceAccess) {
    this.#context = context;
    this.id = instance.id;
    this.name = name;
    this.address = instance.privateAddress!;
    this.#route = route;
    this.#connection = connection;
  }

  async ended(signal: AbortSignal): Promise<LossReason> {
    return explainEnd(await this.#context.ends.when(this.id, () => true, signal));
  }

  /** EC2 may know more than that the agent cannot be reached. */
  async explain(reason: LossReason): Promise<LossReason> {
    const { ends } = this.#context;
    await ends.refresh();
    const instance = ends.latest(this.id);
    return instance === undefined ? reason : explainEnd(instance);
  }

  async remove(): Promise<void> {
    const { terminator, bill } = this.#context;
    await terminator.terminate(this.id);
    bill.end(this.id);
  }

  /** Nothing on it is asked to end. EC2 agrees before it acts: until then the instance goes on. */
  async kill(): Promise<void> {
    const { aws, ends } = this.#context;
    using deadline = new Deadline(KILL_DEADLINE);
    await terminateInstances(aws, [this.id], { atOnce: true, wereSeen: true });
    const ended = ends.when(this.id, isTerminated, deadline.signal);
    await ends.refresh();
    await Promise.race([ended, this.#connection.lost, aborted(deadline.signal)]);
    if (deadline.isOver) throw new Error(`EC2 has not ended ${this.id} within ${KILL_DEADLINE} ms`);
  }

  async restart(connection: FleetAgent, signal: AbortSignal): Promise<FleetAgent> {
    const { aws, fleet } = this.#context;
    using launch = fleet.launch();
    await prepareRestart(connection.host, launch.document);
    // The processes end first, and are seen to: the node itself is not lost.
    await connection[Symbol.asyncDispose]();
    await aws.call(
      "restart an instance",
      (options) => aws.ec2.send(new RebootInstancesCommand({ InstanceIds: [this.id] }), options),
    );
    const { name } = this;
    const again = { route: this.#route, name, within: RESTART_DEADLINE, signal };
    return this.#connection = await reachAgain(launch, again);
  }
}

function isTerminated({ state }: Instance): boolean {
  return state === "terminated";
}
