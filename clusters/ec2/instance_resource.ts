import { RebootInstancesCommand } from "@aws-sdk/client-ec2";
import type { FleetAgent } from "../../agent/client/fleet.ts";
import type { Instance } from "../aws/mod.ts";
import {
  type AgentNode,
  filesOfAgent,
  type FullDisk,
  HostsFile,
  type LossReason,
  type NodeNetwork,
  type NodeResource,
  type StoredFiles,
} from "../kit/mod.ts";
import { MachineDisks, NextBoot } from "../machines/mod.ts";
import type { LaunchContext } from "./launch_context.ts";
import { explainEnd } from "./explain_end.ts";

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
}

/** The instance of a node. */
export class InstanceResource implements NodeResource {
  readonly id: string;
  readonly address: string;
  readonly networks: readonly NodeNetwork[] | undefined;
  readonly publicAddress: string | undefined;
  readonly hostsFile: HostsFile = new HostsFile("/etc/hosts");
  /** The node's. */
  readonly name: string;
  readonly #context: LaunchContext;
  readonly #route: InstanceAccess["route"];
  readonly controlPort: number;
  readonly fullDisk: FullDisk = new MachineDisks();
  /** That of the latest kill. */
  #boot: NextBoot | undefined;
  #isClosed = false;

  constructor(context: LaunchContext, { name, instance, route }: InstanceAccess) {
    this.#context = context;
    this.id = instance.id;
    this.name = name;
    this.address = instance.privateAddress!;
    this.networks = instance.vpc ? [{ id: instance.vpc, address: this.address }] : undefined;
    this.publicAddress = instance.publicAddress;
    this.#route = route;
    this.controlPort = route.port;
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

  /** The boot of the next start begins at once, so that the machine has a lease all the time. */
  async kill(agent: FleetAgent, onDown: () => void): Promise<void> {
    const { fleet } = this.#context;
    onDown();
    const [route, name, within] = [this.#route, this.name, RESTART_DEADLINE];
    const reboot = () => this.#reboot();
    const boot = this.#boot = await NextBoot.begin(agent, { fleet, route, name, within, reboot });
    // What gives the node back meanwhile has not seen the boot.
    if (this.#isClosed) await boot[Symbol.asyncDispose]();
    await boot.hasEndedAll();
  }

  async start(_killed: FleetAgent, signal: AbortSignal): Promise<FleetAgent> {
    return await this.#agentOf(this.#boot!, signal);
  }

  async nextAgent(signal: AbortSignal): Promise<FleetAgent> {
    return await this.#agentOf(this.#boot!, signal);
  }

  /** The boot has begun with the kill: its agent is waited for, and the node stays down. */
  async openStoredFiles(latest: FleetAgent, signal: AbortSignal): Promise<StoredFiles> {
    return filesOfAgent(this.#boot ? await this.#agentOf(this.#boot, signal) : latest);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#boot?.[Symbol.asyncDispose]();
  }

  /** Rejects as soon as EC2 says that the instance has ended: no agent will come then. */
  async #agentOf(boot: NextBoot, signal: AbortSignal): Promise<FleetAgent> {
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const ended = this.ended(until).then(({ summary, details = [] }) => {
      throw new Error([summary, ...details].join(": "));
    });
    try {
      return await Promise.race([boot.agent(until), ended]);
    } finally {
      over.abort();
    }
  }

  async #reboot(): Promise<void> {
    const { aws } = this.#context;
    await aws.call(
      "restart an instance",
      (options) => aws.ec2.send(new RebootInstancesCommand({ InstanceIds: [this.id] }), options),
    );
  }
}
