import type { Socket } from "node:dgram";
import { Deadline } from "../../deadline.ts";
import { delay } from "../../delay.ts";
import { unlessAborted } from "../../unless_aborted.ts";
import type { ProbeTarget, TimedProbes } from "../host.ts";
import { withNumber } from "./numbered_probe.ts";
import { QUESTION } from "./probe_question.ts";

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

/** Milliseconds between two bursts of datagrams that are sent at a rate. */
const BURST_INTERVAL = 5;

/** Sends datagrams, with a socket of their own. Each has the mark, its number, and blanks up to its size. */
export async function sendDatagrams(
  { hostname, port, mark, count, size = 0, rate = Infinity, areNumbered = false }: ProbeTarget,
  signal?: AbortSignal,
): Promise<void> {
  const socket = await openSocket(hostname);
  const encoder = new TextEncoder();
  const contentOf = (text: string) => encoder.encode(text.padEnd(size));
  const plain = contentOf(mark);
  const started = performance.now();
  try {
    for (let sent = 0; sent < count; sent++) {
      const early = sent * 1_000 / rate - (performance.now() - started);
      if (early > 0) await delay(BURST_INTERVAL, signal);
      signal?.throwIfAborted();
      const content = areNumbered ? contentOf(withNumber(mark, sent)) : plain;
      await sendOne(socket, content, { hostname, port });
    }
  } finally {
    socket.close();
  }
}

/** Sends datagrams that are answered, each with a socket of its own, and waits for the answers. */
export async function timeDatagrams(
  { hostname, port, count, interval, patience }: TimedProbes,
  signal?: AbortSignal,
): Promise<number[]> {
  const times: Promise<number | undefined>[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0) await delay(interval, signal);
    times.push(timeOne({ hostname, port, patience }, signal));
  }
  return (await Promise.all(times)).filter((time) => time !== undefined);
}

async function timeOne(
  { hostname, port, patience }: Pick<TimedProbes, "hostname" | "port" | "patience">,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const socket = await openSocket(hostname);
  const { promise: answer, resolve } = Promise.withResolvers<number>();
  let started = 0;
  socket.once("message", () => resolve(performance.now() - started));
  using deadline = new Deadline(patience, signal ? [signal] : []);
  try {
    const content = new TextEncoder().encode(`${QUESTION}${crypto.randomUUID()}`);
    started = performance.now();
    await sendOne(socket, content, { hostname, port });
    return await unlessAborted(answer, deadline.signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.isOver) return undefined;
    throw error;
  } finally {
    socket.close();
  }
}

async function openSocket(hostname: string): Promise<Socket> {
  const socket = await newSocket(hostname.includes(":") ? "udp6" : "udp4");
  socket.on("error", () => {});
  return socket;
}

function sendOne(
  socket: Socket,
  content: Uint8Array,
  { hostname, port }: Pick<ProbeTarget, "hostname" | "port">,
): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(content, port, hostname, (error) => error ? reject(error) : resolve())
  );
}

/** The module is loaded by who needs it: an agent usually does not. */
async function newSocket(type: Family): Promise<Socket> {
  const { createSocket } = await import("node:dgram");
  return createSocket({ type, ipv6Only: type === "udp6" });
}
