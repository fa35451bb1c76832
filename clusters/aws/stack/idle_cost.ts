/** A template, as far as it says what there will be. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

/** One resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** What a stack costs while nothing uses it. */
export interface IdleCost {
  /** Dollars. */
  readonly hourly: number;
  readonly resources: number;
}

/** What something costs by being there, and why. */
interface IdlePrice {
  /** Dollars. */
  readonly hourly: number;
  readonly reason: string;
}

function free(reason: string): IdlePrice {
  return { hourly: 0, reason };
}

const CONFIGURATION = free("it is configuration of the network, which AWS does not charge for");
const IDENTITY = free("nothing of IAM is charged for");

/** What each type costs at rest, by AWS's price lists for VPC, IAM and S3. Others are not known. */
const PRICES: Readonly<Record<string, IdlePrice>> = {
  "AWS::EC2::InternetGateway": free("what passes it is charged for, and at rest that is nothing"),
  "AWS::EC2::Route": CONFIGURATION,
  "AWS::EC2::RouteTable": CONFIGURATION,
  "AWS::EC2::SecurityGroup": CONFIGURATION,
  "AWS::EC2::SecurityGroupIngress": CONFIGURATION,
  "AWS::EC2::Subnet": free("public addresses are charged for, and only instances have some"),
  "AWS::EC2::SubnetRouteTableAssociation": CONFIGURATION,
  "AWS::EC2::VPC": CONFIGURATION,
  "AWS::EC2::VPCEndpoint, Gateway": free("endpoints of the other types are paid by the hour"),
  "AWS::EC2::VPCGatewayAttachment": CONFIGURATION,
  "AWS::IAM::InstanceProfile": IDENTITY,
  "AWS::IAM::Role": IDENTITY,
  "AWS::S3::Bucket": free("what is in it is charged for, and it is made empty"),
  "AWS::S3::BucketPolicy": free("it is a part of its bucket"),
};

/** What a stack costs while nothing uses it. Throws for a resource of which that is not known. */
export function idleCost({ Resources }: Template): IdleCost {
  const resources = Object.entries(Resources);
  const hourly = resources.reduce((sum, [id, each]) => sum + priceOf(id, each).hourly, 0);
  return { hourly, resources: resources.length };
}

function priceOf(id: string, resource: TemplateResource): IdlePrice {
  const kind = kindOf(resource);
  const price = PRICES[kind];
  if (price !== undefined) return price;
  throw new TypeError(`Cannot tell what "${id}" costs at rest: the price of ${kind} is not known`);
}

/** Endpoints are of types that differ in nothing so much as in their price. */
function kindOf({ Type, Properties = {} }: TemplateResource): string {
  if (Type !== "AWS::EC2::VPCEndpoint") return Type;
  return `${Type}, ${Properties.VpcEndpointType ?? "Gateway"}`;
}
