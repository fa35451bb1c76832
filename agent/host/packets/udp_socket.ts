import type { Socket } from "node:dgram";

type Family = "udp4" | "udp6";

/** A socket of UDP at a port of all addresses of a family; port 0 picks a free one. */
export async function boundSocket(type: Family, port: number): Promise<Socket> {
  const socket = await newSocket(type);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("error", reject);
  socket.bind(port, type === "udp4" ? "0.0.0.0" : "::", resolve);
  try {
    await promise;
    socket.off("error", reject);
    // What is said later is of no interest: a probe that cannot be delivered is one that is lost.
    socket.on("error", () => {});
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Sends a datagram so many times, with a socket of its own. */
export async function sendDatagrams(
  { hostname, port, count }: { hostname: string; port: number; count: number },
  content: string,
): Promise<void> {
  const socket = await newSocket(hostname.includes(":") ? "udp6" : "udp4");
  socket.on("error", () => {});
  const sendOne = () =>
    new Promise<void>((resolve, reject) =>
      socket.send(content, port, hostname, (error) => error ? reject(error) : resolve())
    );
  try {
    for (let i = 0; i < count; i++) await sendOne();
  } finally {
    socket.close();
  }
}

/** The module is loaded by who needs it: an agent usually does not. */
async function newSocket(type: Family): Promise<Socket> {
  const { createSocket } = await import("node:dgram");
  return createSocket({ type, ipv6Only: type === "udp6" });
}
