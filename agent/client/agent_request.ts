import type { ClientRequest, IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { unlessAborted } from "../unless_aborted.ts";
import { type AgentTls, directly } from "./agent_tls.ts";

/** What an agent answered to a request. */
export interface AgentReply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The connection ended after the TLS handshake, with no answer. It is what a runner sees whose
 * certificate is refused: in TLS 1.3 its own part of the handshake is complete by then.
 */
export class UnansweredError extends Error {
  override readonly name = "UnansweredError";
}

/** Bytes of the longest answer that is read. */
const MAX_REPLY = 64 * 1024;

/** Posts JSON to an agent, over a connection of its own. */
export async function post(
  { hostname, port }: { hostname: string; port: number },
  path: string,
  { body, tls, signal }: { body: unknown; tls: AgentTls; signal: AbortSignal },
): Promise<AgentReply> {
  signal.throwIfAborted();
  const headers = { "content-type": "application/json" };
  const to = { ...tls, hostname, port, path, method: "POST", agent: directly(), headers };
  const request = httpsRequest(to);
  const reply = replyTo(request);
  request.end(JSON.stringify(body));
  try {
    return await unlessAborted(reply, signal);
  } catch (error) {
    request.destroy();
    throw error;
  }
}

/** Rejects with an {@linkcode UnansweredError} when it fails between the handshake and the answer. */
function replyTo(request: ClientRequest): Promise<AgentReply> {
  const { promise, resolve, reject } = Promise.withResolvers<AgentReply>();
  let isUnanswered = false;
  request.on("socket", (socket) => socket.once("secureConnect", () => isUnanswered = true));
  request.on("error", (error) => {
    reject(isUnanswered ? new UnansweredError(error.message, { cause: error }) : error);
  });
  request.on("response", (response) => {
    isUnanswered = false;
    readReply(response).then(resolve, reject);
  });
  return promise;
}

async function readReply(response: IncomingMessage): Promise<AgentReply> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_REPLY) throw new Error("the answer is too long");
  }
  return { status: response.statusCode ?? 0, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
