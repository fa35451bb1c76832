const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** An address as it stands in a packet. Not by `node:net`, which would take most of the first fault's time. */
export function addressBytes(text: string): Uint8Array {
  const bytes = text.includes(":") ? bytesOfIpv6(text) : bytesOfIpv4(text);
  if (!bytes) throw new TypeError(`Cannot filter packets: "${text}" is no IP address`);
  return bytes;
}

function bytesOfIpv4(text: string): Uint8Array | undefined {
  const numbers = text.split(".").map(Number);
  if (!IPV4.test(text) || numbers.some((each) => each > 255)) return undefined;
  return new Uint8Array(numbers);
}

function bytesOfIpv6(text: string): Uint8Array | undefined {
  const url = URL.parse(`http://[${text}]`);
  if (!/^[\da-f:.]+$/i.test(text) || !url) return undefined;
  // The runtime writes parts of IPv4 in the plain form, but keeps `::`.
  const [head = "", tail] = url.hostname.slice(1, -1).split("::");
  const groups = (part = "") =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array(8 - before.length - after.length).fill(0);
  return new Uint8Array(
    [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]),
  );
}
