import { newId } from "../account.ts";
import type { ResourceType } from "./resource_type.ts";
import { ingressRule, ingressRules, readResourceTags } from "./network_properties.ts";

/** The kinds of resources that networks are made of. */
export const NETWORK_TYPES: Readonly<Record<string, ResourceType>> = {
  "AWS::EC2::VPC": {
    properties: {
      CidrBlock: false,
      EnableDnsHostnames: true,
      EnableDnsSupport: true,
      InstanceTenancy: false,
      Tags: true,
    },
    required: ["CidrBlock"],
    create: ({ CidrBlock }) => {
      const id = newId("vpc");
      return { physicalId: id, attributes: { VpcId: id, CidrBlock: String(CidrBlock) } };
    },
  },
  "AWS::EC2::InternetGateway": {
    properties: { Tags: true },
    create: () => {
      const id = newId("igw");
      return { physicalId: id, attributes: { InternetGatewayId: id } };
    },
  },
  "AWS::EC2::VPCGatewayAttachment": {
    properties: { InternetGatewayId: true, VpcId: false },
    required: ["VpcId", "InternetGatewayId"],
    create: ({ VpcId }) => ({ physicalId: `IGW|${VpcId}` }),
  },
  "AWS::EC2::RouteTable": {
    properties: { VpcId: false, Tags: true },
    required: ["VpcId"],
    create: () => {
      const id = newId("rtb");
      return { physicalId: id, attributes: { RouteTableId: id } };
    },
  },
  "AWS::EC2::Route": {
    properties: { RouteTableId: false, DestinationCidrBlock: false, GatewayId: true },
    required: ["RouteTableId"],
    create: ({ RouteTableId, DestinationCidrBlock }) => ({
      physicalId: `${RouteTableId}|${DestinationCidrBlock}`,
    }),
  },
  "AWS::EC2::VPCEndpoint": {
    properties: {
      VpcId: false,
      ServiceName: false,
      VpcEndpointType: false,
      RouteTableIds: true,
      PolicyDocument: true,
      Tags: true,
    },
    required: ["VpcId", "ServiceName"],
    create: ({ VpcEndpointType }) => {
      if (VpcEndpointType !== "Gateway") throw new Error("Only endpoints that cost nothing");
      return { physicalId: newId("vpce") };
    },
  },
  "AWS::EC2::Subnet": {
    properties: {
      VpcId: false,
      AvailabilityZone: false,
      CidrBlock: false,
      MapPublicIpOnLaunch: true,
      Tags: true,
    },
    required: ["VpcId"],
    create: ({ VpcId, AvailabilityZone, CidrBlock, MapPublicIpOnLaunch, Tags }, { ec2 }) => {
      const id = newId("subnet");
      const zone = String(AvailabilityZone);
      ec2.subnets.set(id, {
        id,
        vpcId: String(VpcId),
        zone,
        cidr: String(CidrBlock),
        mapsPublicAddress: MapPublicIpOnLaunch === true,
        tags: readResourceTags(Tags),
      });
      return { physicalId: id, attributes: { SubnetId: id, AvailabilityZone: zone } };
    },
    update: (id, { MapPublicIpOnLaunch }, { ec2 }) => {
      ec2.subnets.get(id)!.mapsPublicAddress = MapPublicIpOnLaunch === true;
    },
    remove: (id, { ec2 }) => {
      const isUsed = [...ec2.instances.values()]
        .some(({ spec, state }) => spec.subnetId === id && state !== "terminated");
      if (isUsed) throw new Error(`The subnet '${id}' has dependencies and cannot be deleted.`);
      ec2.subnets.delete(id);
    },
  },
  "AWS::EC2::SubnetRouteTableAssociation": {
    properties: { RouteTableId: true, SubnetId: false },
    required: ["RouteTableId", "SubnetId"],
    create: () => ({ physicalId: newId("rtbassoc") }),
  },
  "AWS::EC2::SecurityGroup": {
    properties: {
      GroupDescription: false,
      GroupName: false,
      VpcId: false,
      SecurityGroupEgress: true,
      SecurityGroupIngress: true,
      Tags: true,
    },
    required: ["GroupDescription"],
    create: ({ VpcId, SecurityGroupIngress, Tags }, { ec2, stackName, logicalId }) => {
      const id = newId("sg");
      ec2.securityGroups.set(id, {
        id,
        name: `${stackName}-${logicalId}`,
        vpcId: String(VpcId),
        rules: ingressRules(SecurityGroupIngress),
        tags: readResourceTags(Tags),
      });
      return { physicalId: id, attributes: { GroupId: id, VpcId: String(VpcId) } };
    },
    update: (id, { SecurityGroupIngress }, { ec2 }) => {
      const { rules } = ec2.securityGroups.get(id)!;
      for (const key of rules.keys()) if (key.startsWith("inline")) rules.delete(key);
      for (const [key, rule] of ingressRules(SecurityGroupIngress)) rules.set(key, rule);
    },
    remove: (id, { ec2 }) => void ec2.securityGroups.delete(id),
  },
  "AWS::EC2::SecurityGroupIngress": {
    properties: {
      GroupId: false,
      IpProtocol: false,
      FromPort: false,
      ToPort: false,
      CidrIp: false,
      SourceSecurityGroupId: false,
      Description: true,
    },
    required: ["IpProtocol"],
    create: (properties, { ec2 }) => {
      const id = newId("sgr");
      const group = ec2.securityGroups.get(String(properties.GroupId));
      if (group === undefined) {
        throw new Error(`The security group '${properties.GroupId}' does not exist`);
      }
      group.rules.set(id, ingressRule(properties));
      return { physicalId: id, attributes: { Id: id } };
    },
    remove: (id, { ec2 }) => {
      for (const { rules } of ec2.securityGroups.values()) rules.delete(id);
    },
  },
};
