import type { Tag } from "@aws-sdk/client-ec2";
import type { IngressRule } from "../ec2/region.ts";
import type { Tags } from "../ec2/tags.ts";
import type { Properties } from "./resource_type.ts";

/** The rules that are part of a security group's own properties. */
export function ingressRules(value: unknown): Map<string, IngressRule> {
  const rules = (value ?? []) as Properties[];
  return new Map(rules.map((rule, index) => [`inline${index}`, ingressRule(rule)]));
}

/** A rule that lets something in. */
export function ingressRule(
  { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupId }: Properties,
): IngressRule {
  if ((CidrIp === undefined) === (SourceSecurityGroupId === undefined)) {
    throw new Error("A rule has either a range of addresses or another group as its source");
  }
  return {
    protocol: String(IpProtocol),
    fromPort: FromPort === undefined ? undefined : Number(FromPort),
    toPort: ToPort === undefined ? undefined : Number(ToPort),
    cidr: CidrIp === undefined ? undefined : String(CidrIp),
  };
}

/** Tags as templates have them. */
export function readResourceTags(value: unknown): Tags {
  const tags = (value ?? []) as Tag[];
  return new Map(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}
