/** Bytes of the longest socket address that is looked at: `sockaddr_in6`. */
const MAX_ADDRESS = 28;

/** Numbers of descriptors that are tried when the system cannot list those that are open. */
const MOST_DESCRIPTORS = 65_536;

/** A socket address of the family `AF_UNSPEC`: connecting to it breaks a TCP connection off. */
const NO_ADDRESS = new Uint8Array(MAX_ADDRESS);

/** Address families, as Linux numbers them. */
const FAMILY = { ipv4: 2, ipv6: 10 };

const FUNCTIONS = {
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
} as const;

type SocketCalls = Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"];

/**
 * Breaks a TCP connection of this machine off, so that the other end sees a reset; `conn` is still to
 * be closed. The runtime has no call for that: it ends a connection in order before it closes it, and
 * keeps its file descriptor to itself, so the socket is found by its addresses.
 *
 * Does nothing for a Unix socket, which knows no resets, nor where that is not possible: on other
 * systems than Linux, and without `--allow-ffi`. The other end then sees the close alone.
 */
export function resetSocket({ localAddr, remoteAddr }: Deno.Conn): void {
  if (Deno.build.os !== "linux" || !("hostname" in localAddr && "hostname" in remoteAddr)) return;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return;
  const { symbols, close } = openLibrary();
  try {
    for (const descriptor of socketsAt(symbols, localAddr, remoteAddr)) {
      symbols.connect(descriptor, NO_ADDRESS, NO_ADDRESS.length);
    }
  } finally {
    close();
  }
}

function openLibrary(): { symbols: SocketCalls; close: () => void } {
  const library = Deno.dlopen("libc.so.6", FUNCTIONS);
  return { symbols: library.symbols, close: () => library.close() };
}

/** The file descriptors of the connection between two addresses. */
function* socketsAt(
  { getsockname, getpeername }: SocketCalls,
  local: Deno.NetAddr,
  remote: Deno.NetAddr,
): Generator<number, void, undefined> {
  const raw = new Uint8Array(MAX_ADDRESS);
  const length = new Uint32Array(1);
  const isAt = (descriptor: number, call: typeof getsockname, address: Deno.NetAddr) => {
    length[0] = raw.length;
    return call(descriptor, raw, length) === 0 && isRaw(address, raw);
  };
  for (const descriptor of openDescriptors()) {
    if (!isAt(descriptor, getsockname, local)) continue;
    if (isAt(descriptor, getpeername, remote)) yield descriptor;
  }
}

/** The process's descriptors; when none is left for a look at them, all that there can be. */
function openDescriptors(): number[] {
  try {
    return Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => Number(name));
  } catch {
    return Array.from({ length: MOST_DESCRIPTORS }, (_, number) => number);
  }
}

/** Whether `raw` is the address, as the system writes it. */
function isRaw({ hostname, port }: Deno.NetAddr, raw: Uint8Array): boolean {
  if ((raw[2]! << 8 | raw[3]!) !== port) return false;
  const view = new DataView(raw.buffer);
  const family = new Uint16Array(raw.buffer, 0, 1)[0];
  if (family === FAMILY.ipv4) return hostname === raw.subarray(4, 8).join(".");
  if (family !== FAMILY.ipv6) return false;
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i).toString(16));
  return normalIpv6(hostname) === normalIpv6(groups.join(":"));
}

/** One of the many ways in which an address can be written, without its interface. */
function normalIpv6(address: string): string {
  return new URL(`http://[${address.split("%")[0]}]`).hostname;
}
