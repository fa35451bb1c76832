import type { Instance } from "./instance.ts";
import type { Tags } from "./tags.ts";

/** Part of a network, within one zone. */
export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
  mapsPublicAddress: boolean;
  readonly tags: Tags;
}

/** Who may reach an instance, and at which ports. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  readonly rules: Map<string, IngressRule>;
  readonly tags: Tags;
}

/** One thing that a security group lets in. */
export interface IngressRule {
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  /** Addresses from which; `undefined` when it is another group that is let in. */
  readonly cidr: string | undefined;
}

/** The disk of an instance. */
export interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly size: number;
  readonly type: string;
  readonly createTime: Date;
  readonly tags: Tags;
  /** Instance that it belongs to; `undefined` when it was left behind. */
  attachedTo: string | undefined;
}

/** What was asked of the market. */
export interface SpotRequest {
  readonly id: string;
  readonly createTime: Date;
  readonly instance: Instance;
  readonly tags: Tags;
  state: "active" | "closed" | "cancelled";
  /** `fulfilled`, `instance-terminated-by-user`, … */
  status: string;
}

/** Everything of EC2 in one region. */
export class Ec2Region {
  readonly name: string;
  readonly instances = new Map<string, Instance>();
  readonly volumes = new Map<string, Volume>();
  readonly spotRequests = new Map<string, SpotRequest>();
  readonly subnets = new Map<string, Subnet>();
  readonly securityGroups = new Map<string, SecurityGroup>();
  /** Key pairs that there are. */
  readonly keyNames = new Set<string>();
  /** Placement groups that there are. */
  readonly placementGroups = new Set<string>();
  /** Names of the instance profiles that there are, with their addresses in IAM. */
  readonly instanceProfiles = new Map<string, string>();
  /** What each client token was used for. */
  readonly tokens = new Map<string, { readonly input: string; readonly reservationId: string }>();

  constructor(name: string) {
    this.name = name;
  }

  /** The tags of whatever has this id. */
  tagsOf(id: string): Tags | undefined {
    const kinds = [
      this.instances,
      this.volumes,
      this.spotRequests,
      this.subnets,
      this.securityGroups,
    ];
    for (const kind of kinds) {
      const found = kind.get(id);
      if (found !== undefined) return found.tags;
    }
    return undefined;
  }
}
