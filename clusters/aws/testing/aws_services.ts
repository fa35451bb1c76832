import { cloudFormationService } from "./cloudformation/service.ts";
import { Stacks } from "./cloudformation/stacks.ts";
import { Power } from "./ec2/power.ts";
import { Ec2Region } from "./ec2/region.ts";
import type { LaunchParts } from "./ec2/run_instances.ts";
import { ec2Service } from "./ec2/service.ts";
import { REGIONS } from "./account.ts";
import type { Faults } from "./faults.ts";
import type { Machines } from "./machines/machine.ts";
import type { Buckets } from "./s3/bucket.ts";
import { s3Service } from "./s3/service.ts";
import type { Service } from "./service.ts";
import { ssmService } from "./ssm/service.ts";
import { stsService } from "./sts/service.ts";

/** What there is in a region. */
export interface Region extends LaunchParts {
  readonly stacks: Stacks;
}

/** All services, and what they have made. */
export class AwsServices {
  readonly buckets: Buckets = new Map();
  readonly regions: ReadonlyMap<string, Region>;
  readonly byName: ReadonlyMap<string, Service>;

  constructor(machines: Machines, faults: Faults) {
    this.regions = new Map(REGIONS.map((name) => {
      const region = new Ec2Region(name);
      const power = new Power(region, machines, faults);
      const stacks = new Stacks({ ec2: region, buckets: this.buckets, faults });
      return [name, { region, machines, power, faults, stacks }];
    }));
    const regionOf = ({ region }: { region: string }): Region => this.regions.get(region)!;
    this.byName = new Map([
      ["ec2", ec2Service(regionOf)],
      ["s3", s3Service(this.buckets)],
      ["cloudformation", cloudFormationService((context) => regionOf(context).stacks)],
      ["ssm", ssmService()],
      ["sts", stsService()],
    ]);
  }
}
