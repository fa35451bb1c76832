import {
  type _InstanceType,
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  type Image as DescribedImage,
} from "@aws-sdk/client-ec2";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import type { LinuxTarget } from "../../agent/build/agent_pack.ts";
import type { Aws } from "../aws/mod.ts";
import type { InstanceOptions } from "./ec2_options.ts";
import type { ImageVolume } from "./run_request.ts";

/** Architectures, as EC2 calls them, for which there are agents. */
const TARGETS = {
  x86_64: "x86_64-unknown-linux-gnu",
  arm64: "aarch64-unknown-linux-gnu",
} as const;

type Architecture = keyof typeof TARGETS;

/** The public parameter that names the current image of Amazon Linux 2023. */
const PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-";

/** What instances of some options are made of. */
export interface FoundMachine {
  /** The agent that runs on it. */
  readonly target: LinuxTarget;
  readonly ami: string;
  readonly volumes: readonly ImageVolume[];
}

/** Finds out what instances are made of: the architecture of their type decides. */
export async function findMachine(
  aws: Aws,
  { instanceType, ami: given }: InstanceOptions,
  signal: AbortSignal,
): Promise<FoundMachine> {
  const architecture = await architectureOf(aws, instanceType, signal);
  const ami = given ?? await currentImage(aws, architecture, signal);
  const image = await describeImage(aws, ami, signal);
  if (image.Architecture !== architecture) {
    throw new TypeError(
      `Cannot start instances of type "${instanceType}" from ${ami}: the type is ` +
        `${architecture}, the image ${image.Architecture}`,
    );
  }
  return { target: TARGETS[architecture], ami, volumes: volumesOf(image) };
}

async function architectureOf(
  aws: Aws,
  instanceType: string,
  signal: AbortSignal,
): Promise<Architecture> {
  const input = { InstanceTypes: [instanceType as _InstanceType] };
  const { InstanceTypes: [type] = [] } = await aws.call(
    `look up the instance type "${instanceType}"`,
    (options) => aws.ec2.send(new DescribeInstanceTypesCommand(input), options),
    { signal },
  );
  const supported = type?.ProcessorInfo?.SupportedArchitectures ?? [];
  const architecture = (Object.keys(TARGETS) as Architecture[])
    .find((each) => supported.includes(each));
  if (architecture !== undefined) return architecture;
  throw new TypeError(
    `Cannot start instances of type "${instanceType}": there is no agent for ${supported.join()}`,
  );
}

async function currentImage(
  aws: Aws,
  architecture: Architecture,
  signal: AbortSignal,
): Promise<string> {
  const input = { Name: `${PARAMETER}${architecture}` };
  const { Parameter } = await aws.call(
    "find the current image of Amazon Linux 2023",
    (options) => aws.ssm.send(new GetParameterCommand(input), options),
    { signal },
  );
  return Parameter?.Value ?? "";
}

async function describeImage(aws: Aws, ami: string, signal: AbortSignal): Promise<DescribedImage> {
  const input = { ImageIds: [ami] };
  const { Images: [image] = [] } = await aws.call(
    `look up the image ${ami}`,
    (options) => aws.ec2.send(new DescribeImagesCommand(input), options),
    { signal },
  );
  if (image !== undefined) return image;
  throw new RangeError(`Unknown image ${ami} in region "${aws.region}"`);
}

function volumesOf({ BlockDeviceMappings = [], RootDeviceName }: DescribedImage): ImageVolume[] {
  return BlockDeviceMappings.flatMap(({ DeviceName, Ebs }) =>
    DeviceName === undefined || Ebs === undefined
      ? []
      : [{ device: DeviceName, isRoot: DeviceName === RootDeviceName }]
  );
}
