import { type Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { HttpConnectOptions } from "./node_http_agent.ts";

/** One request. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** Bytes can be sent again; what a stream brings cannot. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
}

/** How a request is made. */
export interface HttpExchangeOptions {
  /** Provides the connections. */
  readonly agent: Agent;
  /** Aborting ends the exchange, also in the midst of the answer's body, with its reason. */
  readonly signal: AbortSignal;
  /** Gives the error with which the body fails when the connection does. */
  readonly explain: (error: unknown) => Promise<unknown>;
}

/** Idempotent methods (RFC 9110): repeated when a connection that was kept turns out to be closed. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

/** Answers that have no body, whatever their headers say. */
const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);

/** The headers of requests that do not have them, as with the runtime's own client. */
const DEFAULT_HEADERS = {
  "accept": "*/*",
  "accept-encoding": "gzip, br",
  "user-agent": navigator.userAgent,
};

/** The decoders of bodies, by content encoding. */
const DECODERS = {
  "gzip": createGunzip,
  "x-gzip": createGunzip,
  "deflate": createInflate,
  "br": createBrotliDecompress,
};

/** Makes a request, and resolves to the answer once its headers are there. */
export async function exchange(
  asked: HttpRequest,
  options: HttpExchangeOptions,
): Promise<Response> {
  for (;;) {
    const outgoing = begin(asked, options);
    try {
      const incoming = await answerTo(outgoing, asked.body);
      return responseTo(asked, incoming, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!outgoing.reusedSocket || !isRepeatable(asked)) throw error;
    }
  }
}

function begin({ url, method, headers }: HttpRequest, options: HttpExchangeOptions): ClientRequest {
  const { agent, signal } = options;
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const connecting: HttpConnectOptions = {
    agent,
    method,
    signal,
    dialSignal: signal,
    host: hostname,
    port: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
    path: url.pathname + url.search,
    headers: { ...DEFAULT_HEADERS, host: url.host, ...Object.fromEntries(headers) },
    setHost: false,
  };
  return request(connecting);
}

/** Sends the body, and waits for the answer, which may come before all of it was sent. */
function answerTo(outgoing: ClientRequest, body: HttpRequest["body"]): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.on("error", reject);
    if (body instanceof ReadableStream) {
      send(body, outgoing).catch((error) => outgoing.destroy(error));
    } else if (body) {
      outgoing.setHeader("content-length", body.length);
      outgoing.end(body);
    } else outgoing.end();
  });
}

async function send(body: ReadableStream<Uint8Array>, outgoing: ClientRequest): Promise<void> {
  const closed = new Promise<void>((resolve) => outgoing.once("close", resolve));
  for await (const chunk of body) {
    if (outgoing.destroyed) return;
    if (outgoing.write(chunk)) continue;
    const drained = new Promise<void>((resolve) => outgoing.once("drain", resolve));
    await Promise.race([drained, closed]);
  }
  outgoing.end();
}

function isRepeatable({ method, body }: HttpRequest): boolean {
  return REPEATABLE.has(method) && !(body instanceof ReadableStream);
}

function responseTo(
  { method }: HttpRequest,
  incoming: IncomingMessage,
  options: HttpExchangeOptions,
): Response {
  const { statusCode: status = 0, statusMessage: statusText, rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  if (method === "HEAD" || WITHOUT_BODY.has(status)) {
    incoming.resume();
    return new Response(null, { status, statusText, headers });
  }
  const body = streamOf(decoded(incoming, headers), incoming, options);
  return new Response(body, { status, statusText, headers });
}

/** Decodes the body, and removes the headers that described its encoding. */
function decoded(incoming: IncomingMessage, headers: Headers): Readable {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (!Object.hasOwn(DECODERS, encoding)) return incoming;
  headers.delete("content-encoding");
  headers.delete("content-length");
  // The reader gets an error of the decoder or of `incoming` from the stream itself.
  return pipeline(incoming, DECODERS[encoding as keyof typeof DECODERS](), () => {});
}

function streamOf(
  source: Readable,
  incoming: IncomingMessage,
  { signal, explain }: HttpExchangeOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { socket } = incoming;
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        // The parser takes any end of the connection for the end of a body without a length.
        if (done && socket.errored && endsWithConnection(incoming)) throw socket.errored;
        // What had come, and was not read when the exchange was given up, is dropped without an error.
        if (done) signal.throwIfAborted();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.length));
      } catch (error) {
        signal.throwIfAborted();
        // Says why the connection broke; the parser's error only says that it did.
        throw await explain(socket.errored ?? error);
      }
    },
    async cancel() {
      incoming.destroy();
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
}

function endsWithConnection({ headers }: IncomingMessage): boolean {
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}
