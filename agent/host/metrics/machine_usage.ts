import type { HostSample } from "../host.ts";
import { fieldOf, textAt } from "./read_values.ts";
import type { SystemConstants } from "./system_constants.ts";

/** Bytes that the kernel counts as a sector, whatever the disk has. */
const SECTOR = 512;

/** What a whole machine uses. */
export type MachineUsage = Pick<
  HostSample,
  "cores" | "memoryLimit" | "cpu" | "memory" | "read" | "written"
>;

/** What is told of the network that this process is in. */
export type NetworkUsage = Pick<HostSample, "received" | "sent" | "packetsIn" | "packetsOut">;

/** What all of this machine uses. */
export function machineUsage({ tick }: SystemConstants, proc = "/proc"): MachineUsage {
  const memory = textAt(`${proc}/meminfo`);
  const [total, available] = ["MemTotal", "MemAvailable"].map((name) => fieldOf(memory, name));
  return {
    cores: navigator.hardwareConcurrency,
    cpu: processorTime(textAt(`${proc}/stat`), tick),
    ...total !== undefined && { memoryLimit: total * 1024 },
    memory: total === undefined || available === undefined ? undefined : (total - available) * 1024,
    ...diskUsage(textAt(`${proc}/diskstats`)),
  };
}

/** Of all interfaces but those by which a machine reaches itself. */
export function networkUsage(proc = "/proc"): NetworkUsage {
  const text = textAt(`${proc}/net/dev`);
  if (text === undefined) return {};
  const sum = { received: 0, sent: 0, packetsIn: 0, packetsOut: 0 };
  for (const line of text.split("\n").slice(2)) {
    const [name = "", rest] = line.split(":");
    if (rest === undefined || name.trim() === "lo") continue;
    const fields = rest.trim().split(/\s+/).map(Number);
    sum.received += fields[0] ?? 0;
    sum.packetsIn += fields[1] ?? 0;
    sum.sent += fields[8] ?? 0;
    sum.packetsOut += fields[9] ?? 0;
  }
  return sum;
}

/** The average of the last minute. */
export function loadOf(proc = "/proc"): number | undefined {
  const [load] = (textAt(`${proc}/loadavg`) ?? "").split(" ");
  return load ? Number(load) : undefined;
}

/** Without what it was idle, or waited for disks, and without guests, which count as user time already. */
function processorTime(stat: string | undefined, tick: number): number | undefined {
  const [, times] = /^cpu +(.+)$/m.exec(stat ?? "") ?? [];
  if (times === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = times.split(" ").map(Number);
  return (user + nice + system + irq + softirq) * tick;
}

/** Of whole disks: what goes to a partition, or to a volume of several disks, is counted there. */
function diskUsage(text: string | undefined): Pick<MachineUsage, "read" | "written"> {
  if (text === undefined) return {};
  const disks = text.split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, , name = ""]) => /^(sd[a-z]+|x?vd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(name));
  const sum = (field: number) =>
    disks.reduce((total, fields) => total + Number(fields[field] ?? 0), 0) * SECTOR;
  return { read: sum(5), written: sum(9) };
}
