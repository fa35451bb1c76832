import { exchange, type HttpExchangeOptions, type HttpRequest } from "./http_exchange.ts";
import { type HttpDial, NodeHttpAgent } from "./node_http_agent.ts";

/** What a client needs. */
export interface HttpClientOptions {
  /** Opens connections for `http:`. */
  readonly dial: HttpDial;
  /** Opens connections for `https:`, over which TLS is spoken already. */
  readonly dialTls: HttpDial;
}

/** How a request is made. */
export type FetchOptions = Pick<HttpExchangeOptions, "signal" | "explain">;

/** Redirects that are followed, as in the Fetch standard. */
const MAX_REDIRECTS = 20;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Headers that are dropped when a redirect leads to another origin. */
const CREDENTIALS = ["authorization", "cookie", "proxy-authorization"];

/**
 * An HTTP/1.1 client whose connections are opened by callbacks. The runtime's own client does not do: it
 * uses the proxies of the environment, and `NO_PROXY`, whatever its options are.
 */
export class HttpClient implements Disposable {
  readonly #plain: NodeHttpAgent;
  readonly #secure: NodeHttpAgent;

  constructor({ dial, dialTls }: HttpClientOptions) {
    this.#plain = new NodeHttpAgent(dial);
    this.#secure = new NodeHttpAgent(dialTls);
  }

  /** Makes a request, and follows redirects. */
  async fetch(request: Request, options: FetchOptions): Promise<Response> {
    let asked = await requestOf(request);
    for (let redirects = 0;; redirects++) {
      const response = await this.#exchange(asked, options);
      const location = REDIRECTS.has(response.status) && response.headers.get("location");
      if (!location || request.redirect === "manual") {
        return described(response, { url: asked.url.href, redirected: redirects > 0 });
      }
      await response.body?.cancel();
      if (request.redirect === "error") throw new TypeError(`redirected to ${location}`);
      if (redirects === MAX_REDIRECTS) throw new TypeError("too many redirects");
      asked = redirected(asked, location, response.status);
    }
  }

  /** Closes every connection. */
  [Symbol.dispose](): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #exchange(asked: HttpRequest, options: FetchOptions): Promise<Response> {
    const agent = asked.url.protocol === "https:" ? this.#secure : this.#plain;
    return exchange(asked, { ...options, agent });
  }
}

async function requestOf(request: Request): Promise<HttpRequest> {
  const { method, headers } = request;
  const url = new URL(request.url);
  return { url, method, headers, body: request.body && await wholeIfThere(request.body) };
}

/**
 * A body that is complete already is sent with its length, which some services need, and can be sent
 * again; any other is streamed.
 */
async function wholeIfThere(
  body: ReadableStream<Uint8Array>,
): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  const reader = body.getReader();
  const first = await reader.read();
  if (first.done) return new Uint8Array();
  const second = reader.read();
  const end = await Promise.race([second.then(({ done }) => done), nextTurn()]);
  return end ? first.value : ReadableStream.from(chunksOf(first.value, second, reader));
}

/** Resolves in the next turn of the event loop, when work without system calls has ended. */
function nextTurn(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 0));
}

async function* chunksOf(
  first: Uint8Array,
  second: Promise<ReadableStreamReadResult<Uint8Array>>,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield first;
    for (let next = await second; !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

/** The request that follows a redirect. */
function redirected(asked: HttpRequest, location: string, status: number): HttpRequest {
  const url = new URL(location, asked.url);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`redirected to ${url.href}`);
  url.hash ||= asked.url.hash;
  const headers = new Headers(asked.headers);
  if (url.origin !== asked.url.origin) { for (const name of CREDENTIALS) headers.delete(name); }
  if (!becomesGet(asked.method, status)) {
    if (asked.body instanceof ReadableStream) {
      throw new TypeError("redirected, and a body that is a stream cannot be sent again");
    }
    return { ...asked, url, headers };
  }
  for (const name of [...headers.keys()]) if (name.startsWith("content-")) headers.delete(name);
  return { url, method: "GET", headers, body: null };
}

function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** A response with the properties that its constructor does not take. */
function described(response: Response, facts: { url: string; redirected: boolean }): Response {
  const [url] = facts.url.split("#");
  return Object.defineProperties(response, {
    url: { value: url },
    redirected: { value: facts.redirected },
  });
}
