import type { PortRange } from "../machines/machine.ts";
import type { SecurityGroup } from "./region.ts";

/** Where the runner's connections come from. */
const RUNNER = "127.0.0.1";

/** The TCP ports at which security groups let the runner in. */
export function openPorts(groups: readonly SecurityGroup[]): PortRange[] {
  return groups.flatMap(({ rules }) =>
    [...rules.values()].flatMap(({ protocol, fromPort, toPort, cidr }) => {
      if (cidr === undefined || !includes(cidr, RUNNER) || protocol !== "tcp") return [];
      return fromPort === undefined || toPort === undefined ? [] : [{ from: fromPort, to: toPort }];
    })
  );
}

/** Whether a range in the notation `10.0.0.0/8` has an address. */
function includes(cidr: string, address: string): boolean {
  const [base = "", length = "32"] = cidr.split("/");
  const bits = 32 - Number(length);
  const prefix = (text: string): number => Math.floor(numberOf(text) / 2 ** bits);
  return prefix(base) === prefix(address);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}
