import {
  AGENT_ABILITIES,
  type Backend,
  type BackendRecipe,
  type ClusterContext,
  type Provider,
  type SweepOptions,
  type SweepReport,
} from "../kit/mod.ts";
import type { Ec2NodeOptions, Ec2Options, Ec2Settings } from "./ec2_options.ts";
import { atCaller, checkOptions } from "../options/mod.ts";
import { EC2_KINDS, EC2_NODE_KINDS } from "./option_kinds.ts";
import { mergeOptions, settingsOf } from "./merge_options.ts";

/**
 * Nodes are instances in an AWS account, in the network that `deno task aws:setup` makes there once.
 * Nothing is asked of AWS before a cluster is made; then everything is tagged `clustertest`, and given
 * back with the cluster. An instance also ends itself: when it hears nothing of the runner, when its
 * agent ends, and in any case at its `maxLife`. Only the agent stays in the account, an object of
 * some 45 MB, for the next run; its bucket removes it after a month.
 *
 * Throws a `TypeError` or `RangeError` when something in the options cannot be. Needs permission to
 * read the variables and files of the AWS command line and to open connections to AWS and to the
 * nodes; of the account, it needs what `deno task aws:policy` prints.
 *
 * ```ts
 * import { ok, throws } from "node:assert/strict";
 * import { ec2 } from "@clustertest/clustertest/ec2";
 *
 * const backend = ec2({ instanceType: "m7g.large", spot: true, maxNodes: 20 });
 * ok(backend.abilities.includes("partition"));
 * throws(() => ec2({ instanceType: "large" }), TypeError);
 * ```
 */
export function ec2(options: Ec2Options = {}): Backend<Ec2NodeOptions> {
  return atCaller(ec2, () => {
    checkOptions("make ec2()", options, EC2_KINDS);
    return new Ec2Backend(settingsOf(options));
  });
}

/** The backend that `CLUSTERTEST_BACKEND=ec2` means; `CLUSTERTEST_EC2_INSTANCE_TYPE` is its type. */
export function backendFromEnvironment(): Backend<Ec2NodeOptions> {
  return ec2();
}

/** The backend that a recipe means: good for a sweep, from whatever process. */
export function backendFromRecipe(options: unknown): Backend<Ec2NodeOptions> {
  return ec2(options as Ec2Options);
}

class Ec2Backend implements Backend<Ec2NodeOptions> {
  readonly name = "ec2";
  /** EC2 cannot stop the clock of an instance. */
  readonly abilities = AGENT_ABILITIES;
  readonly nodeOptions = EC2_NODE_KINDS;
  readonly recipe: BackendRecipe;
  readonly #settings: Ec2Settings;

  constructor(settings: Ec2Settings) {
    const { access: { region, profile }, stackName } = settings;
    this.#settings = settings;
    const options: Ec2Options = { region, profile, stackName };
    this.recipe = { module: import.meta.resolve("./mod.ts"), options };
  }

  get options(): Ec2Options {
    const { access, stackName, limits, prices, waitForTermination, defaults } = this.#settings;
    const rest = { ...limits, prices, waitForTermination };
    return { ...access, stackName, ...rest, ...mergeOptions(defaults) };
  }

  async open(cluster: ClusterContext): Promise<Provider<Ec2NodeOptions>> {
    const { Ec2Provider } = await import("./ec2_provider.ts");
    return await Ec2Provider.open(this.#settings, cluster);
  }

  async sweep(options: SweepOptions = {}): Promise<SweepReport> {
    const { Aws } = await import("../aws/mod.ts");
    const { sweepRegion } = await import("./sweep.ts");
    const { access, stackName } = this.#settings;
    using aws = await Aws.open({ ...access, backend: this.name });
    return await sweepRegion(aws, { ...options, stackName });
  }
}
