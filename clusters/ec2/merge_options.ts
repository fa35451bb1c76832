import { refuseOption } from "../options/mod.ts";
import { checkNestedOptions } from "./option_kinds.ts";
import type {
  ClusterLimits,
  Ec2NodeOptions,
  Ec2Options,
  Ec2Settings,
  InstanceOptions,
} from "./ec2_options.ts";

/** What bounds a cluster unless it is said otherwise. */
const LIMITS: ClusterLimits = {
  maxNodes: 100,
  maxLife: 4 * 60 * 60 * 1000,
  startTimeout: 5 * 60 * 1000,
};

/** The least of each: an instance takes a minute to start. */
const LEAST: ClusterLimits = { maxNodes: 1, maxLife: 2 * 60 * 1000, startTimeout: 1000 };

/** The longest that an instance may live: a week is no test any more. */
const LONGEST_LIFE = 7 * 24 * 60 * 60 * 1000;

const DEFAULT_TYPE = "t3.small";

/** Sorts the options of a backend; throws when something in them cannot be. */
export function settingsOf(options: Ec2Options): Ec2Settings {
  const { region, profile, credentials, stackName, waitForTermination, ...rest } = options;
  const { prices, maxNodes, maxLife, startTimeout, ...defaults } = rest;
  mergeOptions(defaults);
  return {
    access: { region, profile, credentials },
    prices,
    stackName,
    waitForTermination,
    limits: limitsOf({ maxNodes, maxLife, startTimeout }),
    defaults,
  };
}

/**
 * What a node is: the backend's options, overridden by its own. Throws a `TypeError` or
 * `RangeError` when something in them cannot be.
 */
export function mergeOptions(backend: Ec2NodeOptions, node: Ec2NodeOptions = {}): InstanceOptions {
  const own = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
  const { name: _, env: _env, ...merged }: Ec2NodeOptions = { ...backend, ...own };
  const instanceType = merged.instanceType ??
    (Deno.env.get("CLUSTERTEST_EC2_INSTANCE_TYPE") || DEFAULT_TYPE);
  const ami = merged.ami ?? (Deno.env.get("CLUSTERTEST_EC2_AMI") || undefined);
  const tags = { ...backend.tags, ...node.tags };
  const options = { ...merged, instanceType, ami, tags };
  validateOptions(options);
  return options;
}

function limitsOf(options: Pick<Ec2Options, keyof ClusterLimits>): ClusterLimits {
  const limit = (key: keyof ClusterLimits): number => {
    const value = options[key] ?? LIMITS[key];
    if (value >= LEAST[key]) return value;
    throw new RangeError(`Cannot use ${value} as ${key}: ${LEAST[key]} is the least`);
  };
  const limits = {
    maxNodes: limit("maxNodes"),
    maxLife: limit("maxLife"),
    startTimeout: limit("startTimeout"),
  };
  if (limits.maxLife <= LONGEST_LIFE) return limits;
  throw new RangeError(`Cannot use ${limits.maxLife} as maxLife: a week is the most`);
}

/** Throws when something in the options cannot be, before anything is started. */
function validateOptions(options: InstanceOptions): void {
  checkNestedOptions(options);
  const { instanceType, ami, subnets, securityGroups = [], spot, rootVolume, addresses } = options;
  expect("instanceType", instanceType, /^[a-z0-9-]+\.[a-z0-9-]+$/, 'one as in "m7g.large"');
  if (ami !== undefined) expect("ami", ami, /^ami-[0-9a-f]+$/, "the id of an image");
  if (subnets?.length === 0) refuseOption("subnets", subnets, "at least one");
  for (const id of subnets ?? []) expect("subnet", id, /^subnet-[0-9a-f]+$/, "the id of a subnet");
  for (const id of securityGroups) {
    expect("security group", id, /^sg-[0-9a-f]+$/, "the id of a security group");
  }
  if (addresses !== undefined && addresses !== "public" && addresses !== "private") {
    refuseOption("addresses", addresses, '"public" or "private"');
  }
  if (typeof spot === "object") expectPositive("maxPrice", spot.maxPrice);
  for (const key of ["size", "iops", "throughput"] as const) {
    expectPositive(`${key} of the root volume`, rootVolume?.[key]);
  }
  for (const key of Object.keys(options.tags ?? {})) {
    if (key.startsWith("clustertest")) {
      refuseOption("tag", key, 'one that "clustertest" does not begin');
    }
  }
}

function expect(option: string, value: string, pattern: RegExp, expected: string): void {
  if (!pattern.test(value)) refuseOption(option, value, expected);
}

function expectPositive(option: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0)) refuseOption(option, value, "a number above 0");
}
