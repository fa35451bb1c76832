import { request as httpsRequest } from "node:https";
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
export function post(
  { hostname, port }: { hostname: string; port: number },
  path: string,
  { body, tls, signal }: { body: unknown; tls: AgentTls; signal: AbortSignal },
): Promise<AgentReply> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let unanswered = false;
    const request = httpsRequest({
      ...tls,
      hostname,
      port,
      path,
      method: "POST",
      agent: directly(),
      headers: { "content-type": "application/json" },
    }, (response) => {
      unanswered = false;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_REPLY) request.destroy(new Error("the answer is too long"));
      });
      response.on("end", () => {
        settle();
        resolve({ status: response.statusCode ?? 0, body: parsed(text) });
      });
      response.on("error", fail);
    });
    const abort = () => {
      request.destroy();
      reject(signal.reason);
    };
    const settle = () => signal.removeEventListener("abort", abort);
    const fail = (error: Error) => {
      settle();
      reject(unanswered ? new UnansweredError(error.message, { cause: error }) : error);
    };
    signal.addEventListener("abort", abort, { once: true });
    request.on("socket", (socket) => socket.once("secureConnect", () => unanswered = true));
    request.on("error", fail);
    request.end(JSON.stringify(body));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
