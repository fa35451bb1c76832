import { isIP } from "node:net";

/** An address as it stands in a packet. */
export function addressBytes(text: string): Uint8Array {
  if (isIP(text) === 0) throw new TypeError(`Cannot filter packets: "${text}" is no IP address`);
  if (!text.includes(":")) return new Uint8Array(text.split(".").map(Number));
  // The runtime writes IPv4 parts and zones in the plain form, but keeps `::`.
  const [head = "", tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const groups = (part = "") =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array(8 - before.length - after.length).fill(0);
  return new Uint8Array(
    [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]),
  );
}
