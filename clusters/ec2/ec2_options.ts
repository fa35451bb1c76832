import type { AwsCredentials } from "../aws/mod.ts";
import type { NodeOptions } from "../kit/mod.ts";

/** What a node on EC2 may be. All of it can be said per backend and, with priority, per node. */
export interface Ec2NodeOptions extends NodeOptions {
  /**
   * As in `"m7g.large"`. The agent is the one for its architecture.
   * @default the variable `CLUSTERTEST_EC2_INSTANCE_TYPE`, or `"t3.small"`
   */
  readonly instanceType?: string | undefined;
  /**
   * Id of the image to start from: a Linux with cloud-init, as all common ones are.
   * @default the variable `CLUSTERTEST_EC2_AMI`, or the current Amazon Linux 2023
   */
  readonly ami?: string | undefined;
  /**
   * Take instances from what AWS has to spare. They cost less and may be taken away; then their node
   * is lost. @default false
   */
  readonly spot?: boolean | SpotOptions | undefined;
  /** The volume with the image's files. @default as the image says */
  readonly rootVolume?: RootVolume | undefined;
  /** Name of a placement group that exists. */
  readonly placementGroup?: string | undefined;
  /** Ids of subnets to choose from, in one network. @default those of the stack */
  readonly subnets?: readonly string[] | undefined;
  /**
   * Ids of security groups; they have to let the runner in, at port 17443. @default the stack's
   */
  readonly securityGroups?: readonly string[] | undefined;
  /**
   * Share nodes out evenly among the zones of the subnets. Otherwise they are in one zone as long as
   * that has room for them. @default false
   */
  readonly spread?: boolean | undefined;
  /** Name of a key pair, to log in with. The stack's security group lets no SSH in: add another. */
  readonly keyPair?: string | undefined;
  /**
   * By which address nodes are reached. With `"private"` they have no other one, and the runner has
   * to be in their network, or joined to it. Nodes reach each other by private ones in any case.
   * @default "public"
   */
  readonly addresses?: "public" | "private" | undefined;
  /**
   * Tags of instances and volumes. Keys that begin with `clustertest` are taken.
   * @default `Name`, with the id of the cluster
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /**
   * Changes the request just before instances are launched, for what has no option here. It is the
   * input of `RunInstances` as the EC2 API describes it, for all nodes of one batch; it may be
   * changed in place or replaced by the result. What the agent needs is easily broken by it.
   */
  readonly customize?: ((request: RunRequest) => Customized) | undefined;
}

/** How spare instances are had. */
export interface SpotOptions {
  /** Dollars per hour that are paid at most. @default the price on demand */
  readonly maxPrice?: number | undefined;
  /** Where there are none to spare, take others, at the full price. @default true */
  readonly fallback?: boolean | undefined;
}

/** The volume with the image's files. It goes with its instance. */
export interface RootVolume {
  /** GiB. @default as the image says */
  readonly size?: number | undefined;
  /** What EBS calls it. @default "gp3" */
  readonly type?: "gp2" | "gp3" | "io1" | "io2" | undefined;
  /** Operations per second; not for gp2. @default as AWS says for the type */
  readonly iops?: number | undefined;
  /** MiB per second; for gp3 alone. @default as AWS says for the type */
  readonly throughput?: number | undefined;
}

/** The input of `RunInstances`, as the EC2 API describes it. */
export type RunRequest = Record<string, unknown>;

/** What a `customize` hook gives back: another request, or nothing when it changed the given one. */
export type Customized = RunRequest | void | Promise<RunRequest | void>;

/** Which account and region, and what nodes are unless they say otherwise. */
export interface Ec2Options extends Omit<Ec2NodeOptions, "name" | "env"> {
  /** As in `"eu-central-1"`. @default what the environment or the profile says */
  readonly region?: string | undefined;
  /** A profile of the AWS configuration. @default `AWS_PROFILE`, or the default one */
  readonly profile?: string | undefined;
  /**
   * What to sign with. They are kept in this process: should it die, what removes its instances has
   * to find credentials as the AWS command line does. @default what the AWS command line finds
   */
  readonly credentials?: AwsCredentials | undefined;
  /**
   * Name of the stack that `deno task aws:setup` made.
   * @default the variable `CLUSTERTEST_STACK`, or `"clustertest"`
   */
  readonly stackName?: string | undefined;
  /** Nodes that a cluster may have at a time: a guard against a slip that costs. @default 100 */
  readonly maxNodes?: number | undefined;
  /**
   * Dollars per hour by instance type, as in `{ "m7g.large": 0.0816 }`: what the events
   * `cost-estimated` and `cost-incurred` count with. Types that are not named here count with a list
   * that this package brings, of prices on demand in us-east-1, and the events say of which day it is.
   * @default that list alone
   */
  readonly prices?: Readonly<Record<string, number>> | undefined;
  /**
   * Milliseconds after which an instance ends itself, whatever happens. @default four hours
   */
  readonly maxLife?: number | undefined;
  /**
   * Milliseconds that an instance has from its launch until its agent answers. @default five minutes
   */
  readonly startTimeout?: number | undefined;
  /**
   * Wait at the end of a cluster until its instances are gone. Otherwise AWS has promised to end
   * them, and they cost nothing any more. @default false
   */
  readonly waitForTermination?: boolean | undefined;
}

/** What a node shall be, with everything that the backend says filled in. */
export type InstanceOptions = Omit<Ec2NodeOptions, "name" | "env" | "instanceType"> & {
  readonly instanceType: string;
};

/** What bounds a cluster. */
export interface ClusterLimits {
  readonly maxNodes: number;
  /** Milliseconds. */
  readonly maxLife: number;
  /** Milliseconds. */
  readonly startTimeout: number;
}

/** What was asked of a backend, checked and sorted by whom it concerns. */
export interface Ec2Settings
  extends Pick<Ec2Options, "prices" | "stackName" | "waitForTermination"> {
  readonly access: Pick<Ec2Options, "region" | "profile" | "credentials">;
  readonly limits: ClusterLimits;
  /** What nodes are unless they say otherwise. */
  readonly defaults: Ec2NodeOptions;
}
