import type { AwsCredentials } from "../aws/mod.ts";
import type { NodeOptions } from "../kit/mod.ts";

/** The options of a node on EC2. Those of a node override those of its backend. */
export interface Ec2NodeOptions extends NodeOptions {
  /**
   * The type of the instance, as in `"m7g.large"`; the agent for its architecture is chosen.
   * @default the variable `CLUSTERTEST_EC2_INSTANCE_TYPE`, or `"t3.small"`
   */
  readonly instanceType?: string | undefined;
  /**
   * Id of the image to start from: a Linux with cloud-init, as all common ones are.
   * @default the variable `CLUSTERTEST_EC2_AMI`, or the current Amazon Linux 2023
   */
  readonly ami?: string | undefined;
  /**
   * Launch spot instances. They cost less, and AWS may take them back; then their node is lost.
   * @default false
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
   * Distribute nodes evenly over the zones of the subnets. Otherwise they are in one zone as long as that
   * has room for them. @default false
   */
  readonly spread?: boolean | undefined;
  /** Name of a key pair, to log in with. The stack's security group lets no SSH in: add another. */
  readonly keyPair?: string | undefined;
  /**
   * The addresses by which the runner reaches nodes. With `"private"` they have no public one, and the
   * runner has to be in their network, or connected to it. Nodes always reach each other by private ones.
   * @default "public"
   */
  readonly addresses?: "public" | "private" | undefined;
  /**
   * Tags of instances and volumes. Keys that begin with `clustertest` are reserved.
   * @default `Name`, with the id of the cluster
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /**
   * Changes the request just before instances are launched, for settings that have no option here. The
   * request is the input of `RunInstances` as the EC2 API describes it, for all nodes of one batch. It may
   * be changed in place or replaced by the result. It is easy to break what the agent needs.
   */
  readonly customize?: ((request: RunRequest) => Customized) | undefined;
}

/** How spot instances are launched. */
export interface SpotOptions {
  /** The highest price, in dollars per hour. @default the price on demand */
  readonly maxPrice?: number | undefined;
  /** Launch instances on demand, at the full price, where no spot instances are left. @default true */
  readonly fallback?: boolean | undefined;
}

/** The volume with the image's files. It is deleted with its instance. */
export interface RootVolume {
  /** GiB. @default as the image says */
  readonly size?: number | undefined;
  /** The type of the volume, as EBS calls it. @default "gp3" */
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

/** The account and region, and the options of nodes that do not say otherwise. */
export interface Ec2Options extends Omit<Ec2NodeOptions, "name" | "env"> {
  /** As in `"eu-central-1"`. @default what the environment or the profile says */
  readonly region?: string | undefined;
  /** A profile of the AWS configuration. @default `AWS_PROFILE`, or the default one */
  readonly profile?: string | undefined;
  /**
   * The credentials that sign requests. They stay in this process: if it dies, the guardian, which removes
   * its instances, uses those that the AWS command line would use. @default those, too
   */
  readonly credentials?: AwsCredentials | undefined;
  /**
   * Name of the stack that `deno task aws:setup` made.
   * @default the variable `CLUSTERTEST_STACK`, or `"clustertest"`
   */
  readonly stackName?: string | undefined;
  /** Nodes that a cluster may have at a time: protects against an expensive mistake. @default 100 */
  readonly maxNodes?: number | undefined;
  /**
   * Dollars per hour by instance type, as in `{ "m7g.large": 0.0816 }`, for the events `cost-estimated` and
   * `cost-incurred`. For other types they use a list in this package, of prices on demand in us-east-1, and
   * name the day of that list.
   * @default that list alone
   */
  readonly prices?: Readonly<Record<string, number>> | undefined;
  /**
   * Milliseconds after its first boot at which an instance ends itself, whatever happens. @default 14400000,
   * which is four hours
   */
  readonly maxLife?: number | undefined;
  /**
   * Milliseconds that an instance has from its launch until its agent answers. An agent that nobody reaches,
   * since the runner and the guardian have died meanwhile, ends its instance after as long.
   * @default 300000, which is five minutes
   */
  readonly startTimeout?: number | undefined;
  /**
   * Wait at the end of a cluster until its instances are gone. Otherwise disposal is done when AWS has
   * accepted to end them, from when on they cost nothing. @default false
   */
  readonly waitForTermination?: boolean | undefined;
}

/** The options of a node, merged with those of its backend. */
export type InstanceOptions = Omit<Ec2NodeOptions, "name" | "env" | "instanceType"> & {
  readonly instanceType: string;
};

/** The bounds of a cluster. */
export interface ClusterLimits {
  readonly maxNodes: number;
  /** Milliseconds. */
  readonly maxLife: number;
  /** Milliseconds. */
  readonly startTimeout: number;
}

/** The options of a backend, checked, and grouped by what they concern. */
export interface Ec2Settings
  extends Pick<Ec2Options, "prices" | "stackName" | "waitForTermination"> {
  readonly access: Pick<Ec2Options, "region" | "profile" | "credentials">;
  readonly limits: ClusterLimits;
  /** The options of nodes that do not say otherwise. */
  readonly defaults: Ec2NodeOptions;
}
