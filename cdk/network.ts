import { Aws, type CfnCondition, type CfnParameter, Fn, type Stack } from "aws-cdk-lib";
import {
  CfnInternetGateway,
  CfnRoute,
  CfnRouteTable,
  CfnSecurityGroup,
  CfnSecurityGroupIngress,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPC,
  CfnVPCEndpoint,
  CfnVPCGatewayAttachment,
} from "aws-cdk-lib/aws-ec2";
import { AGENT_PORT } from "../clusters/aws/stack/agent_port.ts";
import { zoneConditions } from "./zone_conditions.ts";

/** No region has more zones that an account can use. */
export const MAX_ZONES = 6;

const VPC_CIDR = "10.0.0.0/16";
/** 4,091 addresses in each zone. */
const SUBNET_BITS = 20;

/** The network of all nodes. */
export interface Network {
  readonly vpc: CfnVPC;
  readonly subnets: readonly ZoneSubnet[];
  readonly securityGroup: CfnSecurityGroup;
}

/** The subnet of one zone, there only if its condition holds. */
export interface ZoneSubnet {
  readonly subnet: CfnSubnet;
  readonly condition: CfnCondition | undefined;
}

/**
 * A network that costs nothing at rest: public subnets and an internet gateway in place of NAT
 * gateways, and the endpoint by which nodes without a public address reach S3, which is free.
 */
export function addNetwork(
  stack: Stack,
  { runnerCidr, zoneCount }: { runnerCidr: string; zoneCount: CfnParameter },
): Network {
  const vpc = new CfnVPC(stack, "Vpc", {
    cidrBlock: VPC_CIDR,
    enableDnsSupport: true,
    enableDnsHostnames: true,
  });
  const routeTable = addRoutes(stack, vpc);
  const subnets = addSubnets(stack, { vpc, routeTable, zoneCount });
  return { vpc, subnets, securityGroup: addSecurityGroup(stack, { vpc, runnerCidr }) };
}

function addRoutes(stack: Stack, vpc: CfnVPC): CfnRouteTable {
  const gateway = new CfnInternetGateway(stack, "InternetGateway");
  const attachment = new CfnVPCGatewayAttachment(stack, "InternetGatewayAttachment", {
    vpcId: vpc.ref,
    internetGatewayId: gateway.ref,
  });
  const table = new CfnRouteTable(stack, "RouteTable", { vpcId: vpc.ref });
  new CfnRoute(stack, "DefaultRoute", {
    routeTableId: table.ref,
    destinationCidrBlock: "0.0.0.0/0",
    gatewayId: gateway.ref,
  }).addResourceDependency(attachment);
  new CfnVPCEndpoint(stack, "S3Endpoint", {
    vpcId: vpc.ref,
    serviceName: `com.amazonaws.${Aws.REGION}.s3`,
    vpcEndpointType: "Gateway",
    routeTableIds: [table.ref],
  });
  return table;
}

function addSubnets(
  stack: Stack,
  { vpc, routeTable, zoneCount }: {
    vpc: CfnVPC;
    routeTable: CfnRouteTable;
    zoneCount: CfnParameter;
  },
): ZoneSubnet[] {
  return zoneConditions(stack, { zoneCount, max: MAX_ZONES }).map((condition, index) => {
    const subnet = new CfnSubnet(stack, `Subnet${index + 1}`, {
      vpcId: vpc.ref,
      availabilityZone: Fn.select(index, Fn.getAzs()),
      cidrBlock: `10.0.${index * 2 ** (24 - SUBNET_BITS)}.0/${SUBNET_BITS}`,
      mapPublicIpOnLaunch: true,
    });
    const route = new CfnSubnetRouteTableAssociation(stack, `SubnetRoutes${index + 1}`, {
      subnetId: subnet.ref,
      routeTableId: routeTable.ref,
    });
    for (const resource of [subnet, route]) resource.cfnOptions.condition = condition;
    return { subnet, condition };
  });
}

function addSecurityGroup(
  stack: Stack,
  { vpc, runnerCidr }: { vpc: CfnVPC; runnerCidr: string },
): CfnSecurityGroup {
  const group = new CfnSecurityGroup(stack, "SecurityGroup", {
    vpcId: vpc.ref,
    groupDescription: "Nodes of clustertest: the agents for runners, everything for each other",
    securityGroupIngress: [{
      description: "Agents, from where tests are run",
      ipProtocol: "tcp",
      fromPort: AGENT_PORT,
      toPort: AGENT_PORT,
      cidrIp: runnerCidr,
    }],
    securityGroupEgress: [{ description: "Anything", ipProtocol: "-1", cidrIp: "0.0.0.0/0" }],
  });
  new CfnSecurityGroupIngress(stack, "NodesToNodes", {
    description: "Nodes, from each other",
    groupId: group.attrGroupId,
    sourceSecurityGroupId: group.attrGroupId,
    ipProtocol: "-1",
  });
  return group;
}
