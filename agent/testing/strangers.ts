import assert from "node:assert/strict";
import { connect } from "node:tls";
import { openHost, startEnrolled } from "./connected_agent.ts";
import { usageOf } from "./process_usage.ts";

/** Bytes by which the strangers may have an agent grow. */
const ROOM = 50 * 1024 * 1024;

/** Strangers at a time. */
const AT_A_TIME = 100;

/** How many strangers knock, and how far each comes. */
export interface Strangers {
  /** These send the first byte of a handshake, and leave. */
  readonly bytes: number;
  /** These make a whole handshake, but have no certificate. */
  readonly handshakes: number;
}

/** Has strangers knock at an agent; makes sure that its memory and log stay small, and that it serves. */
export async function checkStrangers({ bytes, handshakes }: Strangers): Promise<void> {
  await using enrolled = await startEnrolled({ args: ["--lease", "900"] });
  const { agent } = enrolled;
  await using host = await openHost(enrolled);
  assert.ok((await host.network.hostname()).length > 0);
  const before = (await usageOf(agent.pid)).resident;
  const check = async (what: string) => {
    assert.ok((await host.network.hostname()).length > 0);
    const grown = (await usageOf(agent.pid)).resident - before;
    assert.ok(grown < ROOM, `${grown} bytes more after ${what}`);
  };
  await repeat(bytes, () => sendOneByte(agent.address));
  await check(`${bytes} bytes`);
  await repeat(handshakes, () => shakeHands(agent.address.port));
  await check(`${handshakes} handshakes`);
  assert.ok(agent.log.length < 100_000, `a log of ${agent.log.length} characters`);
  // Nobody who has the certificate is kept out, either.
  await using other = await openHost(enrolled);
  assert.ok((await other.network.hostname()).length > 0);
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  let left = times;
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

async function sendOneByte(address: { hostname: string; port: number }): Promise<void> {
  using connection = await Deno.connect(address);
  await connection.write(Uint8Array.of(22));
  await connection.closeWrite();
  // That the agent resets it is as good.
  await connection.read(new Uint8Array(1)).catch(() => null);
}

async function shakeHands(port: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const socket = connect({
    host: "127.0.0.1",
    port,
    minVersion: "TLSv1.3",
    rejectUnauthorized: false,
  });
  // The refusal is an error; the close follows it.
  socket.on("error", () => {}).once("close", () => resolve()).resume();
  await closed;
}
