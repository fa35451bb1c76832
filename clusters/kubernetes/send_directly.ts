import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { packArchive } from "../../agent/build/pack_archive.ts";
import { closeUnlessClosed } from "../../agent/close_unless_closed.ts";
import { Deadline } from "../../agent/deadline.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { callPod } from "./call_pod.ts";
import { AGENT_TAKEN } from "./helper_scripts.ts";
import { DELIVERY_PORT } from "./pod_places.ts";

/** Milliseconds in which something answers at an address, if it is to be worth the wait. */
const ANSWER_DEADLINE = 250;

/** Milliseconds in which a helper that was told to listens. */
const LISTEN_DEADLINE = 2000;

/**
 * Sends the agent to the address of a pod whose helper listens there. It is not compressed: the network to
 * a pod is faster than what would decompress it.
 */
export async function sendDirectly(
  pack: AgentPack,
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
): Promise<"taken" | "unreached" | "broken off"> {
  using listen = new Deadline(LISTEN_DEADLINE, [signal]);
  const connection = await callPod(
    { hostname: address, port: DELIVERY_PORT },
    { answer: ANSWER_DEADLINE, signal: listen.signal },
  );
  if (connection === undefined) {
    signal.throwIfAborted();
    return "unreached";
  }
  const saying = new Response(connection.readable).text();
  // Closes its half of the connection, whose end the other one awaits.
  const sending = packArchive(pack).pipeTo(connection.writable, { preventClose: true })
    .then(() => connection.closeWrite());
  try {
    const [said] = await unlessAborted(Promise.all([saying, sending]), signal);
    return said.includes(AGENT_TAKEN) ? "taken" : "broken off";
  } catch {
    signal.throwIfAborted();
    return "broken off";
  } finally {
    closeUnlessClosed(connection);
    await Promise.allSettled([saying, sending]);
  }
}
