import { checkOptions, kinds, type OptionKind, type OptionKinds } from "../options/mod.ts";
import type { Ec2NodeOptions, Ec2Options, RootVolume, SpotOptions } from "./ec2_options.ts";

const { anything, callback, either, flag, list, number, table, text } = kinds;

/** Of a node, besides what all nodes have. What has bounds is checked where options are merged. */
export const EC2_NODE_KINDS: OptionKinds<Omit<Ec2NodeOptions, "name" | "env">> = {
  instanceType: text,
  ami: text,
  spot: either(flag, table),
  rootVolume: table,
  placementGroup: text,
  subnets: list,
  securityGroups: list,
  spread: flag,
  keyPair: text,
  addresses: anything,
  tags: table,
  customize: callback,
};

const PRICES: OptionKind = {
  description: 'an object of dollars per hour, as { "m7g.large": 0.0816 }',
  is: (value) =>
    table.is(value) &&
    Object.entries(value as object).every(([type, price]) =>
      /^[a-z0-9-]+\.[a-z0-9-]+$/.test(type) && Number.isFinite(price) && price >= 0
    ),
};

/** Of `ec2()`. */
export const EC2_KINDS: OptionKinds<Ec2Options> = {
  ...EC2_NODE_KINDS,
  region: text,
  profile: text,
  credentials: either(table, callback),
  stackName: text,
  prices: PRICES,
  maxNodes: number("nodes"),
  maxLife: number("milliseconds"),
  startTimeout: number("milliseconds"),
  waitForTermination: flag,
};

const SPOT_KINDS: OptionKinds<SpotOptions> = { maxPrice: number(), fallback: flag };

const ROOT_VOLUME_KINDS: OptionKinds<RootVolume> = {
  size: number("GiB"),
  type: text,
  iops: number(),
  throughput: number(),
};

/** Checks what is within options: their names, and their kinds. */
export function checkNestedOptions({ spot, rootVolume }: Ec2NodeOptions): void {
  if (typeof spot === "object") checkOptions("use spot instances", spot, SPOT_KINDS);
  checkOptions("use the root volume", rootVolume, ROOT_VOLUME_KINDS);
}
