import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import type { AgentPack, LinuxTarget } from "../../agent/build/agent_pack.ts";
import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import type { ClusterContext } from "../kit/mod.ts";
import { reportBuild } from "../events/mod.ts";
import { AgentBucket, type Aws, type Stack } from "../aws/mod.ts";
import { ensureAgentObject } from "../machines/mod.ts";
import type { InstanceOptions } from "./ec2_options.ts";
import { findMachine, type FoundMachine } from "./find_machine.ts";
import type { Subnet } from "./obtain_instances.ts";
import { SharedWork } from "../concurrency/mod.ts";

/** What has to be there before instances can be launched. */
export interface Provision extends FoundMachine {
  readonly pack: AgentPack;
  /** Hash of the agent that the stack's bucket has. */
  readonly agent: string;
  readonly subnets: readonly Subnet[];
}

/** Finds and sends what instances need: each once for a cluster, however many launches need it. */
export class Provisions {
  readonly #aws: Aws;
  readonly #stack: Stack;
  readonly #cluster: ClusterContext;
  readonly #work = new SharedWork();

  constructor(aws: Aws, { stack, cluster }: { stack: Stack; cluster: ClusterContext }) {
    this.#aws = aws;
    this.#stack = stack;
    this.#cluster = cluster;
  }

  /** What nodes with these options need. An abort does not end work that other launches wait for. */
  async provide(options: InstanceOptions, signal: AbortSignal): Promise<Provision> {
    const { instanceType, ami, subnets } = options;
    const { signal: whole } = this.#cluster;
    const once = <T>(key: string, work: () => Promise<T>) => this.#work.once(key, work, signal);
    const [machine, where] = await Promise.all([
      once(`machine ${instanceType} ${ami}`, () => findMachine(this.#aws, options, whole)),
      subnets === undefined
        ? this.#stack.subnets
        : once(`subnets ${subnets}`, () => findSubnets(this.#aws, subnets, whole)),
    ]);
    const { target } = machine;
    const agent = await once(`agent ${target}`, () => this.#provideAgent(target));
    return { ...machine, ...agent, subnets: where };
  }

  /** Waits until no work is in flight any more. Idempotent. */
  async settled(): Promise<void> {
    await this.#work.settled();
  }

  async #provideAgent(target: LinuxTarget): Promise<{ pack: AgentPack; agent: string }> {
    const { emit, signal } = this.#cluster;
    const { bucket } = this.#stack;
    const pack = await reportBuild(
      emit,
      (onProgress) => obtainAgent(target, { signal, onProgress }),
    );
    const store = new AgentBucket(this.#aws, bucket);
    return { pack, agent: await ensureAgentObject(store, pack, { emit, signal }) };
  }
}

async function findSubnets(
  aws: Aws,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Subnet[]> {
  const { Subnets = [] } = await aws.call(
    "look up the subnets",
    (options) => aws.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...ids] }), options),
    { signal },
  );
  const zones = new Map(Subnets.map(({ SubnetId, AvailabilityZone }) => [
    SubnetId,
    AvailabilityZone,
  ]));
  return ids.map((id) => ({ id, zone: zones.get(id) ?? id }));
}
