import { Agent as PlainAgent, type IncomingMessage, request as requestPlainly } from "node:http";
import { Agent as SecureAgent, request as requestSecurely } from "node:https";
import type { Duplex } from "node:stream";
import { Deadline } from "../../../agent/deadline.ts";
import { connect } from "./connect.ts";
import type { Credentials, CredentialSource } from "./credentials.ts";
import type { FoundCluster } from "./find_cluster.ts";

/** Milliseconds that a connection may take to open, TLS and proxies included. */
const CONNECT_TIMEOUT = 10_000;

/** Connections that are open at a time. */
const MAX_CONNECTIONS = 32;

/** A request to the API server. */
export interface ExchangeRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
  /** @default `application/json` */
  readonly contentType?: string | undefined;
  readonly signal: AbortSignal;
}

/** An answer whose body is still to come. */
export interface Answer {
  readonly status: number;
  /** Seconds after which the server wants to be asked again, if it says so. */
  readonly retryAfter: number | undefined;
  readonly body: IncomingMessage;
}

type Connected = (error: Error | null, stream: Duplex) => void;

/** Requests to one API server. Disposing it ends the connections that there are. */
export class Exchange implements Disposable {
  readonly #found: FoundCluster;
  readonly #source: CredentialSource;
  readonly #agent: PlainAgent | SecureAgent;

  constructor(found: FoundCluster, source: CredentialSource) {
    this.#found = found;
    this.#source = source;
    // Each request has a connection of its own. On one that was used before and turns out to be closed,
    // the runtime sends a request again without a word, also one that creates something.
    const options = { keepAlive: false, maxSockets: MAX_CONNECTIONS };
    const agent = found.server.protocol === "https:"
      ? new SecureAgent(options)
      : new PlainAgent(options);
    agent.createConnection = (_options: unknown, callback?: Connected): undefined => {
      this.#connect().then(
        (stream) => callback?.(null, stream),
        (error) => callback?.(error, undefined as unknown as Duplex),
      );
    };
    this.#agent = agent;
  }

  /** Sends a request, once more with other credentials if these have run out. */
  async send(request: ExchangeRequest): Promise<Answer> {
    const first = await this.#attempt(request);
    if (first.status !== 401) return first;
    first.body.resume();
    this.#source.forget();
    return await this.#attempt(request);
  }

  /** Ends all connections. */
  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #attempt(request: ExchangeRequest): Promise<Answer> {
    const { headers } = await this.#source.get();
    return await this.#exchange(request, headers);
  }

  #exchange(
    { method, path, body, contentType = "application/json", signal }: ExchangeRequest,
    headers: Credentials["headers"],
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { server } = this.#found;
      const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
      const send = server.protocol === "https:" ? requestSecurely : requestPlainly;
      const sent = send(url, {
        method,
        agent: this.#agent,
        headers: {
          ...headers,
          Accept: "application/json",
          "User-Agent": "clustertest",
          ...body !== undefined &&
            {
              "Content-Type": contentType,
              "Content-Length": new TextEncoder().encode(body).length,
            },
        },
      });
      const abort = () => {
        reject(signal.reason);
        sent.destroy(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      sent.once("close", () => signal.removeEventListener("abort", abort));
      sent.on("error", reject);
      sent.once("response", (answer) => {
        const seconds = Number(answer.headers["retry-after"]);
        const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
        resolve({ status: answer.statusCode ?? 0, retryAfter, body: answer });
      });
      sent.end(body);
    });
  }

  async #connect(): Promise<Duplex> {
    const credentials = await this.#source.get();
    using deadline = new Deadline(CONNECT_TIMEOUT);
    return await connect(this.#found, { credentials, signal: deadline.signal });
  }
}

/** All of a body, as text; rejects when `signal` aborts. */
export async function textOf(body: IncomingMessage, signal: AbortSignal): Promise<string> {
  const abort = () => body.destroy(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    body.setEncoding("utf8");
    let text = "";
    for await (const part of body) text += part;
    return text;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
