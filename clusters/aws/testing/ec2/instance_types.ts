import type { _InstanceType, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import type { Architecture } from "./images.ts";

/** Virtual processors and gibibytes of memory. */
type Size = readonly [processors: number, memory: number];

const X86: Readonly<Record<string, Size>> = {
  "t3.nano": [2, 0.5],
  "t3.micro": [2, 1],
  "t3.small": [2, 2],
  "t3.medium": [2, 4],
  "t3.large": [2, 8],
  "m5.large": [2, 8],
  "m7i.large": [2, 8],
  "c5.large": [2, 4],
  "c7i.large": [2, 4],
  "c7i.xlarge": [4, 8],
};

const ARM: Readonly<Record<string, Size>> = {
  "t4g.nano": [2, 0.5],
  "t4g.micro": [2, 1],
  "t4g.small": [2, 2],
  "t4g.medium": [2, 4],
  "m7g.medium": [1, 4],
  "m7g.large": [2, 8],
  "c7g.large": [2, 4],
  "c7g.xlarge": [4, 8],
};

/** What the server knows of a type of instances. */
export interface InstanceType {
  readonly name: string;
  readonly architecture: Architecture;
  readonly processors: number;
  readonly memory: number;
}

/** Finds a type; `undefined` when there is none of that name. */
export function findInstanceType(name: string): InstanceType | undefined {
  return instanceTypes().find((type) => type.name === name);
}

/** All types. */
export function instanceTypes(): InstanceType[] {
  const all = [["x86_64", X86], ["arm64", ARM]] as const;
  return all.flatMap(([architecture, sizes]) =>
    Object.entries(sizes).map(([name, [processors, memory]]) => ({
      name,
      architecture,
      processors,
      memory,
    }))
  );
}

/** As EC2 describes it. */
export function instanceTypeInfo(
  { name, architecture, processors, memory }: InstanceType,
): InstanceTypeInfo {
  return {
    InstanceType: name as _InstanceType,
    CurrentGeneration: true,
    BareMetal: false,
    Hypervisor: "nitro",
    SupportedUsageClasses: ["on-demand", "spot"],
    SupportedRootDeviceTypes: ["ebs"],
    SupportedVirtualizationTypes: ["hvm"],
    ProcessorInfo: { SupportedArchitectures: [architecture] },
    VCpuInfo: { DefaultVCpus: processors },
    MemoryInfo: { SizeInMiB: memory * 1024 },
    BurstablePerformanceSupported: name.startsWith("t"),
  };
}
