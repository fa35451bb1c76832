import { BlockList, isIPv4 } from "node:net";

/** Throws unless it is a range of IPv4 addresses. */
export function checkCidr(cidr: string): void {
  const [, address = "", bits = ""] = cidr.match(/^([\d.]+)\/(\d{1,2})$/) ?? [];
  if (isIPv4(address) && Number(bits) <= 32) return;
  throw new TypeError(
    `Cannot let in "${cidr}": it is not a range of IPv4 addresses, such as 203.0.113.7/32`,
  );
}

/** Whether an IPv4 address is in a range. */
export function cidrContains(cidr: string, address: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(bits), "ipv4");
  return list.check(address, "ipv4");
}
