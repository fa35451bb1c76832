import { createHash } from "node:crypto";
import type { Image } from "@aws-sdk/client-ec2";
import { REGIONS } from "../account.ts";

/** What a processor is called by EC2. */
export type Architecture = "x86_64" | "arm64";

const ARCHITECTURES: readonly Architecture[] = ["x86_64", "arm64"];

/** The id of the current Amazon Linux 2023: another one in each region. */
export function imageFor(architecture: Architecture, region: string): string {
  const digest = createHash("sha256").update(`${architecture} ${region}`).digest("hex");
  return `ami-${digest.slice(0, 17)}`;
}

/** The images of a region. */
export function imagesOf(region: string): Image[] {
  if (!REGIONS.includes(region)) return [];
  return ARCHITECTURES.map((architecture) => ({
    ImageId: imageFor(architecture, region),
    Name: `al2023-ami-2023.1.20260101.0-kernel-6.1-${architecture}`,
    Architecture: architecture,
    State: "available",
    OwnerId: "137112412989",
    Public: true,
    ImageType: "machine",
    VirtualizationType: "hvm",
    RootDeviceType: "ebs",
    RootDeviceName: "/dev/xvda",
    BlockDeviceMappings: [{
      DeviceName: "/dev/xvda",
      Ebs: { VolumeSize: 8, VolumeType: "gp3", DeleteOnTermination: true, Encrypted: false },
    }],
  }));
}
